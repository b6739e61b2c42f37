/** What the reviewer's model ends a review with. */
import { z } from 'zod'
import { reviewFindingSchema } from '../../protocols/review.ts'

const verdictSchema = z
  .object({
    approved: z.boolean().describe('whether you saw every criterion hold'),
    summary: z.string().describe('why, in a sentence or two'),
    revisions: z
      .array(
        z.object({
          task: z.string().describe('its name in the review.request'),
          findings: z.array(reviewFindingSchema).min(1),
        }),
      )
      .describe('what goes back to whom; empty when approved, or when no task could mend it'),
    failing: z.array(z.string()).describe('full names of the tests that fail; empty when approved'),
    openPoints: z.array(z.string()).describe('what you could not check, and what is left to do'),
  })
  .describe('The verdict on the merged work')
export type Verdict = z.infer<typeof verdictSchema>

export const reviewVerdict = { type: 'verdict', body: verdictSchema }
