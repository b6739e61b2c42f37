import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { indent, wrap } from '../src/wrap.js'

describe('wrap', () => {
  it('fills each line with as many words as fit', () => {
    assert.deepEqual(wrap('the quick brown fox jumps over', 11), ['the quick', 'brown fox', 'jumps over'])
  })

  it('uses the full width and not one character more', () => {
    assert.deepEqual(wrap('ab cd ef', 5), ['ab cd', 'ef'])
    assert.deepEqual(wrap('ab cd ef', 4), ['ab', 'cd', 'ef'])
  })

  it('counts any run of white space as one space', () => {
    assert.deepEqual(wrap('  one\n two\t\tthree ', 20), ['one two three'])
  })

  it('leaves a word longer than the width uncut on its own line', () => {
    assert.deepEqual(wrap('see internationalisation below', 8), ['see', 'internationalisation', 'below'])
    assert.deepEqual(wrap('internationalisation', 8), ['internationalisation'])
  })

  it('gives no lines for a text without words', () => {
    assert.deepEqual(wrap('', 10), [])
    assert.deepEqual(wrap(' \n ', 10), [])
  })

  it('refuses a width that is not a positive integer', () => {
    assert.deepEqual(wrap('a b', 1), ['a', 'b'])
    assert.throws(() => wrap('a b', 0), RangeError)
    assert.throws(() => wrap('a b', 2.5), RangeError)
  })
})

describe('indent', () => {
  it('puts the prefix before each line that is not empty', () => {
    assert.deepEqual(indent(['a', '', 'b'], '> '), ['> a', '', '> b'])
  })
})
