/** The flock without its program: node --test examples/ask-the-docs/flock.test.js */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, fail, scriptedModel, testMesh } from 'skein/testing'
import { clerk, editor, reader } from './flock.js'
import { desk } from './protocol.js'

const roles = [clerk, { role: reader, count: 2 }, editor]
const documents = { 'damage.md': '# Damage\n\nInes mends the boats, all but the large one.' }
const { question, answer: written, write } = desk.messages

test('what a reader could not look up is told to the editor, who answers without it', async () => {
  const model = scriptedModel({
    clerk: [answer('split', { lookups: ['small repairs'] })],
    reader: [fail('context-length', { message: 'too long for this model' })],
    editor: [answer(written, { answer: 'Nobody knows.', sources: [] })],
  })
  const mesh = await testMesh({ roles, model, documents })
  const reply = await mesh.ask('clerk', question, { question: 'Who mends boats?' })
  assert.deepEqual(reply.body, { answer: 'Nobody knows.', sources: [] })
  const { found, gaps } = mesh.onlyMessage(write).body
  assert.deepEqual(found, [])
  assert.match(gaps.join(), /^small repairs \(.*too long for this model/)
  await mesh.close()
})

test('without a model each look-up is one search, and both are waited for', async () => {
  const mesh = await testMesh({ roles, documents })
  const reply = await mesh.ask('clerk', question, { question: 'Who mends boats, and where is the zeppelin?' })
  assert.match(reply.body.answer, /Ines mends the boats[\s\S]*nothing about "where is the zeppelin"/)
  assert.equal(mesh.toolRuns.length, 2)
  assert.equal(mesh.messages.length, 7)
  await mesh.close()
})
