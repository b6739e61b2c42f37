/** A real job as data: what agents do on a workspace, with a model or offline. What it takes is measured, not drawn. */
import { z } from 'zod'
import { OFFLINE_MODEL } from '../../src/model/offline.ts'

/** A path beside the experiment, or an absolute one. */
const directory = z.string().min(1)

export const realJobSchema = z.strictObject({
  kind: z.literal('real'),
  /** What is wanted, in a sentence or more. */
  goal: z.string().min(1),
  /** It is read; every run begins with it as it is. */
  workspace: directory,
  /** Where the documents are not in the workspace. */
  documents: directory.optional(),
  /** Of the endpoint that the environment names; `offline` has the roles' own policies instead, and costs nothing. */
  model: z.string().min(1).default(OFFLINE_MODEL),
  /** How often a review may send work back, where it is not as often as in any run. */
  rounds: z.int().min(0).max(100).optional(),
})
export type RealJob = z.infer<typeof realJobSchema>
