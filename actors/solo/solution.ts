/** What the model of the one agent that does everything ends with: the work, piece by piece, and its own judgement. */
import { z } from 'zod'
import { reviewFindingSchema } from '../../protocols/review.ts'
import { checkSchema } from '../../protocols/task.ts'

const pieceSchema = z.object({
  task: z.string().describe('short and unique: a-z, 0-9 and "-"'),
  title: z.string().describe('what the piece is, in a few words'),
  done: z.boolean().describe('whether it is there, as far as you can make it'),
  summary: z.string().describe('what was done, or why it could not be, in a sentence or two'),
  sources: z.array(z.string()).describe('documents that it rests on, like "docs/page.md:12"'),
  checks: z.array(checkSchema).describe('what must hold when it is merged'),
  openPoints: z.array(z.string()).describe('what is missing, and what you could not check'),
})

const solutionSchema = z
  .object({
    approved: z.boolean().describe('whether you saw every criterion hold on the workspace as you leave it'),
    summary: z.string().describe('why, in a sentence or two'),
    criteria: z.array(z.string()).describe('what the whole had to fulfil'),
    pieces: z.array(pieceSchema),
    failing: z.array(z.string()).describe('full names of tests that still fail; empty when approved'),
    refusals: z
      .array(
        z.object({
          summary: z.string().describe('what did not hold'),
          revisions: z.array(
            z.object({
              task: z.string().describe('the piece that you went back to'),
              findings: z.array(reviewFindingSchema),
            }),
          ),
          replies: z.array(
            z.object({
              task: z.string().describe('the piece'),
              summary: z.string().describe('what you did about it'),
            }),
          ),
        }),
      )
      .describe('times that you judged the whole and went back to a piece of it, oldest first'),
    openPoints: z.array(z.string()).describe('what you could not check, and what is left to do'),
  })
  .describe('The goal is reached, as far as it can be')
export type Solution = z.infer<typeof solutionSchema>
export type Piece = Solution['pieces'][number]

export const solutionAnswer = { type: 'solution', body: solutionSchema }
