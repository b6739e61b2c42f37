/** What the researcher's model ends with, whether it was given a task or asked a question. */
import { z } from 'zod'
import type { Answer } from '../../protocols/question.ts'
import { findingSchema, sourceOf, type TaskResult } from '../../protocols/task.ts'

const foundSchema = z
  .object({
    summary: z
      .string()
      .describe('the answer in one to three sentences, with what speaks for and against each finding'),
    findings: z
      .array(findingSchema)
      .describe('at most 3, best first, copied as they stand; empty where the documents hold nothing'),
    openPoints: z
      .array(z.string())
      .describe('what was asked and is not in the documents, or was not looked for'),
  })
  .describe('What the documents hold')
export type Found = z.infer<typeof foundSchema>

export const foundAnswer = { type: 'findings', body: foundSchema }

const sourcesOf = ({ findings }: Found): string[] => [...new Set(findings.map(sourceOf))]

export const resultOf = (found: Found): TaskResult => ({
  ...found,
  tree: null,
  sources: sourcesOf(found),
  checks: [],
})

export const answerOf = (found: Found): Answer => ({
  answer: [found.summary, ...found.openPoints].join(' '),
  findings: found.findings,
  sources: sourcesOf(found),
})
