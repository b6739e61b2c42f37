import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineProtocol, defineRole, searchDocuments } from 'skein'
import { answer, call, scriptedModel, testMesh } from 'skein/testing'
import { z } from 'zod'

const bodies = { ask: z.object({ question: z.string() }), tell: z.object({ text: z.string() }) }
const { ask, tell } = defineProtocol('library', 1, bodies, { ask: ['tell'] }).messages
const about = { name: 'librarian', description: 'Answers questions', instructions: 'Search first.' }
const librarian = defineRole({ ...about, accepts: [ask], answers: [tell], tools: [searchDocuments()] })

test('the librarian searches, and answers from what it found', async () => {
  const steps = [call('search_documents', { query: 'fee', limit: 1 }), answer(tell, { text: 'It is 8.' })]
  const documents = { 'fees.md': '# Fees\n\nThe fee for guests is 8.' }
  const mesh = await testMesh({ roles: [librarian], model: scriptedModel(steps), documents })
  const reply = await mesh.ask('librarian', ask, { question: 'What do guests pay?' })
  assert.deepEqual(reply, { type: 'library.tell', body: { text: 'It is 8.' } })
  assert.match(JSON.stringify(mesh.toolRuns), /The fee for guests is 8/)
  await mesh.close()
})
