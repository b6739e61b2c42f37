/** The librarian as its file says, with a script in the place of its model: no key, no network. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importDirectory, readRole, run } from 'skein'
import { library } from '../protocols/library.js'

const { ask, tell } = library.messages

/** What a model might do: search once, and tell what it found first. */
function script({ transcript }) {
  const search = transcript.find(({ kind }) => kind === 'result')
  if (!search)
    return { kind: 'call', tool: 'search_documents', input: { query: 'add another role', limit: 1 } }
  const [{ text, path }] = search.output.results
  return { kind: 'answer', type: tell.type, body: { text, pages: [path] } }
}

test('the librarian answers from the documents, and names its pages', async () => {
  const librarian = await readRole(new URL('../roles/librarian.md', import.meta.url))
  const report = await run(
    {
      goal: 'How do I add another role?',
      roles: [{ role: { ...librarian, policy: script }, count: 1 }],
      prepare: async ({ blobs }) => ({
        documents: (await importDirectory(blobs, 'documents')).hash,
        start: {
          role: 'librarian',
          message: ask,
          body: { question: 'How do I add another role?' },
          answers: [tell],
        },
      }),
    },
    { inMemory: true, model: 'offline' },
  )
  assert.equal(report.outcome, 'completed', report.reason)
  assert.match(report.answer.body.text, /skein\.config\.js/)
  assert.deepEqual(report.answer.body.pages, ['this-project.md'])
})
