import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answer, call, fault, scriptedModel, testMesh } from 'skein/testing'
import { clerk, editor, reader } from '../ask-the-docs/flock.js'
import { desk } from '../ask-the-docs/protocol.js'

const { question, found, answer: written } = desk.messages
const passages = [{ source: 'fees.md:3', heading: 'Fees', text: 'The fee for guests is 8.' }]
const model = scriptedModel({
  clerk: [answer('split', { lookups: ['fee for guests'] })],
  reader: [call('search_documents', { query: 'fee', limit: 1 }), answer(found, { about: 'fee', passages })],
  editor: [answer(written, { answer: 'It is 8.', sources: ['fees.md:3'] })],
})

test('a question survives the reader that looks it up', async () => {
  const mesh = await testMesh({
    roles: [clerk, { role: reader, count: 2 }, editor],
    model,
    documents: { 'fees.md': '# Fees\n\nThe fee for guests is 8.' },
    faults: [
      fault.kill('reader', { calling: 'search_documents' }), // its process dies, and another begins after 1 s
      fault.duplicate('desk.found'), // this message arrives twice
      fault.failModel('editor', 'unavailable'), // its first call fails
    ],
  })
  const reply = await mesh.ask('clerk', question, { question: 'What do guests pay?' })
  assert.deepEqual(reply.body, { answer: 'It is 8.', sources: ['fees.md:3'] })
  assert.equal(mesh.strikes.length, 3) // all of them happened
  assert.deepEqual(mesh.lines, [
    'origin → clerk  desk.question',
    'clerk → reader  desk.lookup',
    'reader → clerk  desk.found',
    'clerk → editor  desk.write',
    'editor → origin  desk.answer',
  ])
  assert.equal(mesh.stateOf('lookup-1').takeovers, 1)
  await mesh.close()
})
