/** What the flock says to each other: one protocol, from the question to its answer. */
import { defineProtocol } from 'skein'
import { z } from 'zod'

const passage = z.object({
  source: z.string().describe('page and line, like "fees.md:7"'),
  heading: z.string(),
  text: z.string().describe('the passage as it stands there'),
})

const found = z.object({ about: z.string(), passages: z.array(passage) })

export const desk = defineProtocol(
  'desk',
  1,
  {
    question: z.object({ question: z.string().min(1) }),
    lookup: z.object({
      about: z.string().describe('one thing to look up, in words that stand for themselves'),
    }),
    found,
    write: z.object({
      question: z.string(),
      found: z.array(found),
      gaps: z.array(z.string()).describe('what could not be looked up, and why'),
    }),
    answer: z.object({
      answer: z.string().describe('in Markdown'),
      sources: z.array(z.string()).describe('the passages that the answer rests on'),
    }),
  },
  { question: ['answer'], lookup: ['found'], write: ['answer'] },
)
