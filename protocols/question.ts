/** A question from one peer to another, in the middle of work. */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { findingSchema, subjectSchema } from './task.ts'

export const question = defineProtocol(
  'question',
  1,
  {
    ask: z.object({
      question: z.string(),
      subject: subjectSchema.nullable(),
      /** What the asker has already: an answer that only repeats it does not help. */
      known: z.array(findingSchema),
    }),
    answer: z.object({
      answer: z.string(),
      findings: z.array(findingSchema),
      sources: z.array(z.string()),
    }),
  },
  { ask: ['answer'] },
)

export type Question = z.infer<typeof question.messages.ask.body>
export type Answer = z.infer<typeof question.messages.answer.body>
