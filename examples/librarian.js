/** An agent, and a flock of one: node examples/librarian.js "Why is there no ESLint?" It needs a model. */
import { defineProtocol, defineRole, importDirectory, run, searchDocuments } from 'skein'
import { z } from 'zod'

const { ask, tell } = defineProtocol(
  'library',
  1,
  { ask: z.object({ question: z.string() }), tell: z.object({ text: z.string(), page: z.string() }) },
  { ask: ['tell'] },
).messages

export const librarian = defineRole({
  name: 'librarian',
  description: 'Answers questions from the documents',
  instructions: 'Search first. Answer only from what you found, and name the page.',
  accepts: [ask],
  answers: [tell],
  tools: [searchDocuments()],
})

const question = process.argv[2] ?? 'Why is there no ESLint?'
const report = await run({
  goal: question,
  roles: [{ role: librarian, count: 1 }],
  async prepare({ blobs }) {
    const { hash } = await importDirectory(blobs, 'docs')
    return {
      documents: hash,
      start: { role: 'librarian', message: ask, body: { question }, answers: [tell] },
    }
  },
})
console.log(report.outcome, report.reason ?? report.answer?.body)
