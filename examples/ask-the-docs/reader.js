/** The reader: looks one thing up in the documents. The ready machine, one tool, and no line about the network. */
import { defineRole, searchDocuments } from 'skein'
import { desk } from './protocol.js'

export const reader = defineRole({
  name: 'reader',
  description: 'Looks one thing up in the documents',
  instructions: `You look one thing up in the documents. Search in several wordings before you settle.
Hand over the few passages that say something about it, word for word, each with its page and line. Hand over none if there are none; never make one up.`,
  accepts: [desk.messages.lookup],
  answers: [desk.messages.found],
  tools: [searchDocuments()],
  policy: readOffline,
})

/** Without a model: one search, and the passages that share most words with what is looked up. */
function readOffline({ transcript }) {
  const { about } = transcript.find(({ kind }) => kind === 'message').body
  const search = transcript.find(({ kind }) => kind === 'result')
  if (search === undefined)
    return { kind: 'call', tool: 'search_documents', input: { query: wordsOf(about), limit: 2 } }
  const passages = search.output.results.map(({ path, line, heading, text }) => ({
    source: `${path}:${line}`,
    heading,
    text,
  }))
  return { kind: 'answer', type: 'desk.found', body: { about, passages } }
}

/** Of a question, what it is about. */
const wordsOf = (about) => about.replace(SMALL_WORDS, ' ').trim() || about

const SMALL_WORDS =
  /\b(a|an|and|are|can|do|does|for|get|how|i|if|in|is|it|may|me|must|my|of|on|or|the|to|we|what|when|where|which|who|why|with|you)\b/gi
