/** The librarian as its file says, with a script in the place of its model: no key, no network. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readRole } from 'skein'
import { answer, call, scriptedModel, testMesh } from 'skein/testing'
import { library } from '../protocols/library.js'

const { ask, tell } = library.messages
const documents = fileURLToPath(new URL('../documents', import.meta.url))

test('the librarian searches the documents, and names its pages', async () => {
  const librarian = await readRole(new URL('../roles/librarian.md', import.meta.url))
  const model = scriptedModel([
    call('search_documents', { query: 'add another role', limit: 1 }),
    answer(tell, { text: 'Write its file, and name it in the config.', pages: ['this-project.md'] }),
  ])
  const mesh = await testMesh({ roles: [librarian], model, documents })
  const reply = await mesh.ask('librarian', ask, { question: 'How do I add another role?' })
  assert.equal(reply.type, 'library.tell')
  assert.deepEqual(reply.body.pages, ['this-project.md'])
  assert.match(JSON.stringify(mesh.toolRuns), /skein\.config\.js/) // the tool is the real one
  await mesh.close()
})
