/** `ask_human`: a question to a person. The agent waits durably, and goes on with the answer. */
import { z } from 'zod'
import { defineTool, ToolError } from '../tools/tool.ts'

/** @param options how long a person has, in milliseconds: as long as the run lasts, unless given */
export const askHuman = (options: { readonly patienceMs?: number } = {}) =>
  defineTool({
    name: 'ask_human',
    description: [
      'Asks a person a question and waits for the answer, which may take hours.',
      'Use it only for what no tool and no other agent can tell you, and what you must not guess: a decision, a preference, a missing fact.',
      'Ask one thing, say what you will do with each answer, and offer choices where there are few.',
    ].join(' '),
    input: z.object({
      question: z.string().min(1).max(4_000).describe('one question, understood without this conversation'),
      choices: z.array(z.string().min(1).max(500)).max(20).optional().describe('what may be answered'),
    }),
    output: z.object({ answer: z.string(), by: z.string() }),
    ...options,
    question: ({ question, choices }) => ({ question, choices }),
    async run(_, { said }) {
      if (said === undefined || said.text === null)
        throw new ToolError('unanswered', 'nobody was asked: this host has no people')
      return { output: { answer: said.text, by: said.by } }
    },
  })
