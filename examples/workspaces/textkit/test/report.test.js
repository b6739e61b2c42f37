import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frequencyReport } from '../src/report.js'

test('frequencyReport lists words and counts in lines of the given width', () => {
  const text = 'Tea or coffee? Tea, said Ann; coffee, said Tom. Tea it is.'
  assert.equal(frequencyReport(text, { limit: 4, width: 20 }), 'tea (3), coffee (2),\nsaid (2), or (1)')
})

test('frequencyReport is empty for a text without words', () => {
  assert.equal(frequencyReport('...'), '')
})
