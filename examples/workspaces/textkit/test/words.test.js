import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readingMinutes } from '../src/reading.js'
import { countWords, sentences, words } from '../src/words.js'

describe('sentences', () => {
  it('ends a sentence at its closing mark', () => {
    assert.deepEqual(sentences('Stop! Who goes there? A friend.'), ['Stop!', 'Who goes there?', 'A friend.'])
  })

  it('finds no sentence in blank text', () => {
    assert.deepEqual(sentences(' \n'), [])
  })
})

describe('words', () => {
  it('separates words at spaces, line breaks and punctuation', () => {
    assert.deepEqual(words('Salt, pepper;\nand (if you like) well-aged cheese.'), [
      'Salt',
      'pepper',
      'and',
      'if',
      'you',
      'like',
      'well',
      'aged',
      'cheese',
    ])
  })

  it('keeps an apostrophe inside a word and drops quotation marks around it', () => {
    assert.deepEqual(words("'Don't', she said, 'rock 'n' roll'"), [
      "Don't",
      'she',
      'said',
      'rock',
      'n',
      'roll',
    ])
  })

  it('returns a typographic apostrophe as a plain one', () => {
    assert.deepEqual(words('It\u2019s the baker\u2019s'), ["It's", 'the', "baker's"])
  })

  it('keeps letters of any script together with digits', () => {
    assert.deepEqual(words('Über 3 façades, Привет мир, B2B'), [
      'Über',
      '3',
      'façades',
      'Привет',
      'мир',
      'B2B',
    ])
  })

  it('finds no word in text of spaces and punctuation', () => {
    assert.deepEqual(words(''), [])
    assert.deepEqual(words(' -- ... !'), [])
  })
})

describe('countWords', () => {
  it('counts each occurrence of a word', () => {
    assert.equal(countWords('tea for two and two for tea'), 7)
  })

  it('counts no words in empty text', () => {
    assert.equal(countWords(''), 0)
  })
})

describe('readingMinutes', () => {
  it('rounds a started minute up', () => {
    assert.equal(readingMinutes('one two three four five', 4), 2)
  })
})
