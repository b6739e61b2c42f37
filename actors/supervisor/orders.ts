/** What the supervisor's model ends each reading with. */
import { z } from 'zod'

const ordersSchema = z
  .object({
    summary: z.string().describe('what the message means for the plan, in a sentence'),
    handOut: z
      .array(
        z.object({
          task: z.string().describe('name of a task of the plan, or of one that was sent back'),
          note: z
            .string()
            .describe('what its peer must know besides its instructions and the results it needs; or empty'),
        }),
      )
      .describe('what is to be done next, all at once; empty to wait for what is under way'),
  })
  .describe('What happens next')
export type Orders = z.infer<typeof ordersSchema>

export const ordersAnswer = { type: 'orders', body: ordersSchema }
