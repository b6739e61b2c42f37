/** The editor: makes one answer of what the readers found. It has no tools, so it can add nothing of its own. */
import { defineRole } from 'skein'
import { desk } from './protocol.js'

export const editor = defineRole({
  name: 'editor',
  description: 'Writes the answer from the passages that were found',
  instructions: `You answer a question from the passages that were found, and from nothing else.
Answer first, in a few plain sentences; then what somebody who asks this would want to know as well. List as sources the passages that you used. Where the passages do not answer a part of the question, or something could not be looked up, say so.`,
  accepts: [desk.messages.write],
  answers: [desk.messages.answer],
  policy: writeOffline,
})

/** Without a model: the best passage of each look-up, quoted. It says that it is no more than that. */
function writeOffline({ transcript }) {
  const { found, gaps } = transcript.find(({ kind }) => kind === 'message').body
  const best = found.flatMap(({ passages }) => passages.slice(0, 1))
  const nothing = found
    .filter(({ passages }) => passages.length === 0)
    .map(({ about }) => `nothing about "${about}"`)
  const parts = [
    ...new Set(best.map(({ text, source }) => `${text}\n(${source})`)),
    ...[...nothing, ...gaps].map((gap) => `Not found: ${gap}.`),
    'No language model was asked: these are the passages that share most words with the question.',
  ]
  const sources = [...new Set(best.map(({ source }) => source))]
  return { kind: 'answer', type: 'desk.answer', body: { answer: parts.join('\n\n'), sources } }
}
