/** What the coder's model ends a piece of work with. */
import { z } from 'zod'

export const workSchema = z
  .object({
    summary: z.string().describe('what was done, in a sentence or two'),
    changed: z.boolean().describe('whether the workspace was changed'),
    sources: z.array(z.string()).describe('documents that the work rests on, like "docs/page.md:12"'),
    failing: z
      .array(z.string())
      .describe('tests of the task that still fail, for no fault of this work as far as can be seen'),
    openPoints: z.array(z.string()),
  })
  .describe('The work is done')
export type Work = z.infer<typeof workSchema>

export const workVerdict = { type: 'work', body: workSchema }
