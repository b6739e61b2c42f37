/** The editor as its file says: what it changes is a patch, and no file is touched. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRole } from 'skein'
import { answer, call, scriptedModel, testMesh } from 'skein/testing'
import { library } from '../protocols/library.js'

const { ask, tell } = library.messages

test('the editor hands over what it changed', async () => {
  const editor = await readRole(new URL('../roles/editor.md', import.meta.url))
  const edit = {
    action: 'create',
    path: 'documents/fees.md',
    old: null,
    new: 'It is 8.\n',
    all: null,
    to: null,
  }
  const model = scriptedModel([
    call('edit_file', { edits: [edit] }),
    answer(tell, { text: 'The fee is in its own page.', pages: ['documents/fees.md'] }),
  ])
  const mesh = await testMesh({ roles: [editor], model, workspace: {} })
  await mesh.ask('editor', ask, { question: 'Write down that the fee is 8.' })
  assert.match(await mesh.patch(), /\+\+\+ b\/documents\/fees\.md\n.*\n\+It is 8\./)
  await mesh.close()
})
