/** Asks one question: node ask.js "How do I …?" [FOLDER] */
import { fileURLToPath } from 'node:url'
import { run } from 'skein'
import { askTheDocs } from './flock.js'

const [question, folder = fileURLToPath(new URL('documents', import.meta.url))] = process.argv.slice(2)
if (!question) {
  console.error('usage: node ask.js "How do I …?" [FOLDER]')
  process.exit(2)
}

const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

const job = askTheDocs({ question, folder })
const { outcome, reason, answer } = await run(job, { say: console.error, signal: stop.signal })
if (outcome === 'completed') {
  console.log(`${answer.body.answer}\n\nSources: ${answer.body.sources.join(', ') || 'none'}`)
} else {
  console.error(`${outcome}: ${reason}`)
  process.exitCode = 1
}
