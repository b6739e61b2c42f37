/** A question from one peer to another, in the middle of work. */
import { z } from 'zod'
import { defineProtocol } from './define.ts'
import { findingSchema, subjectSchema } from './task.ts'

export const question = defineProtocol(
  'question',
  1,
  {
    ask: z.object({
      question: z.string().describe('what is missing, and what it is needed for'),
      subject: subjectSchema.nullable().describe('the declaration that it is about, if it is about one'),
      known: z
        .array(z.string())
        .describe('where the findings stand that you have and that do not help, like "docs/page.md:12"'),
    }),
    answer: z.object({
      answer: z.string().describe('in a sentence or two; say so if there is none'),
      findings: z.array(findingSchema).describe('what it rests on, best first'),
      sources: z.array(z.string()).describe('where that stands, like "docs/page.md:12"'),
    }),
  },
  { ask: ['answer'] },
)

export type Question = z.infer<typeof question.messages.ask.body>
export type Answer = z.infer<typeof question.messages.answer.body>
