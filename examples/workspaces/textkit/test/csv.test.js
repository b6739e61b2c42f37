import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatCsv, parseCsv } from '../src/csv.js'

describe('parseCsv', () => {
  it('separates fields at commas and rows at line breaks', () => {
    assert.deepEqual(parseCsv('a,b\nc,d\n'), [
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('reads a last row without a line break', () => {
    assert.deepEqual(parseCsv('a\nb'), [['a'], ['b']])
  })

  it('accepts rows that end in CRLF', () => {
    assert.deepEqual(parseCsv('a,b\r\nc,d\r\n'), [
      ['a', 'b'],
      ['c', 'd'],
    ])
  })

  it('finds no rows in empty text', () => {
    assert.deepEqual(parseCsv(''), [])
  })

  describe('with quoted fields', () => {
    it('keeps commas and line breaks between quotes', () => {
      assert.deepEqual(parseCsv('"Smith, Ann","12 High St\nLeeds"\n'), [['Smith, Ann', '12 High St\nLeeds']])
    })

    it('reads a doubled quote as one quote', () => {
      assert.deepEqual(parseCsv('"a ""fine"" day",b\n'), [['a "fine" day', 'b']])
    })
  })

  it('keeps empty fields, also at the end of a row', () => {
    assert.deepEqual(parseCsv(',a,\n,,\n""'), [['', 'a', ''], ['', '', ''], ['']])
  })

  it('separates fields at another delimiter', () => {
    assert.deepEqual(parseCsv('1,5;2,5\n', ';'), [['1,5', '2,5']])
  })

  it('reads what formatCsv wrote', () => {
    const rows = [
      ['plain', 'with, comma', 'with "quotes"'],
      ['', 'two\nlines', ''],
    ]
    assert.deepEqual(parseCsv(formatCsv(rows)), rows)
  })
})

describe('formatCsv', () => {
  it('quotes only the fields that need it', () => {
    assert.equal(formatCsv([['a', 'b,c', 'say "hi"']]), 'a,"b,c","say ""hi"""\n')
  })
})
