import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRecords } from '../src/records.js'

test('readRecords names the fields after the header line', () => {
  assert.deepEqual(readRecords('Item,Unit price (€)\nTea,3.20\n"Jam, plum",4.50\n'), [
    { item: 'Tea', unit_price: '3.20' },
    { item: 'Jam, plum', unit_price: '4.50' },
  ])
})

test('readRecords writes the same header in either style of keys', () => {
  const text = 'Order number,Sent on\n17,2024-05-02\n'
  assert.deepEqual(readRecords(text), [{ order_number: '17', sent_on: '2024-05-02' }])
  assert.deepEqual(readRecords(text, { keys: 'kebab' }), [{ 'order-number': '17', 'sent-on': '2024-05-02' }])
})

test('readRecords fills fields that are missing at the end of a row', () => {
  assert.deepEqual(readRecords('a,b\n1\n'), [{ a: '1', b: '' }])
})

test('readRecords gives no records for empty text', () => {
  assert.deepEqual(readRecords(''), [])
})
