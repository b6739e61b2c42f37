/** An experiment with a real job: what is varied around it is the same, but time is real, so that it takes none given. */
import { z } from 'zod'
import { durationSchema } from '../duration.ts'
import { distinct, experimentSchema } from '../experiment.ts'
import { realJobSchema } from './job.ts'

const { name, description, topologies, placements, sizes, seeds, vary, confidence } = experimentSchema.shape

const KILLING =
  'no process is killed in a real job of the lab: "npm run topologies -- --kill" kills the hub, or a peer, of a real run'

/** Longer than any run should take, and no longer than a timer of the system can wait. */
const LONGEST_MS = 7 * 24 * 3_600_000

export const realExperimentSchema = z.strictObject({
  ...{ name, description, job: realJobSchema, topologies, placements },
  /** Coders, and as many researchers; one planner and one reviewer are there besides. */
  sizes,
  /** How often each cell is run, or which numbers its runs have. Nobody pays for thirty runs by leaving it out. */
  seeds: seeds.unwrap(),
  faults: distinct(z.literal('none', KILLING)).default(['none']),
  vary,
  /** Time after which a run is stopped. */
  deadline: durationSchema
    .refine((ms) => ms > 0 && ms <= LONGEST_MS, 'a real run is given more than nothing, and a week at most')
    .prefault('10m'),
  confidence,
})
export type RealExperiment = z.infer<typeof realExperimentSchema>
