/** A library of two roles, for tests of the kit: a librarian with a tool, who may ask an expert. */
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { defineRole } from '../../src/role/define.ts'
import { defineTool } from '../../src/tools/tool.ts'

export const { ask, tell } = defineProtocol(
  'library',
  1,
  { ask: z.object({ question: z.string() }), tell: z.object({ text: z.string(), page: z.string() }) },
  { ask: ['tell'] },
).messages

export const { doubt, advice } = defineProtocol(
  'expert',
  1,
  { doubt: z.object({ about: z.string() }), advice: z.object({ text: z.string() }) },
  { doubt: ['advice'] },
).messages

export const look = defineTool({
  name: 'look',
  description: 'Looks a word up',
  input: z.object({ word: z.string() }),
  output: z.object({ page: z.string() }),
  run: async ({ word }) => ({ output: { page: `${word}.md` } }),
})

export const librarian = defineRole({
  name: 'librarian',
  description: 'Answers questions',
  instructions: 'Look it up.',
  accepts: [ask],
  answers: [tell],
  tools: [look],
  asks: { expert: { message: doubt, answers: [advice] } },
})

export const expert = defineRole({
  name: 'expert',
  description: 'Knows better',
  instructions: 'Say so.',
  accepts: [doubt],
  answers: [advice],
})
