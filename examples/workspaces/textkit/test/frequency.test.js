import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { topWords, wordFrequencies } from '../src/frequency.js'

describe('wordFrequencies', () => {
  it('counts a word in any case as the same word', () => {
    assert.deepEqual(wordFrequencies('Tea, TEA, tea'), [['tea', 3]])
  })

  it('puts the most frequent word first', () => {
    assert.deepEqual(wordFrequencies('a cat, the dog, the bird, the cat'), [
      ['the', 3],
      ['cat', 2],
      ['a', 1],
      ['dog', 1],
      ['bird', 1],
    ])
  })

  it('keeps words of equal count in order of first appearance', () => {
    assert.deepEqual(wordFrequencies('pear 7 apple 3 apple pear'), [
      ['pear', 2],
      ['apple', 2],
      ['7', 1],
      ['3', 1],
    ])
  })

  it('counts words that are also names of object properties', () => {
    assert.deepEqual(wordFrequencies('The constructor calls constructor'), [
      ['constructor', 2],
      ['the', 1],
      ['calls', 1],
    ])
  })

  it('counts a contraction as one word', () => {
    assert.deepEqual(wordFrequencies("It\u2019s late. It's cold."), [
      ["it's", 2],
      ['late', 1],
      ['cold', 1],
    ])
  })

  it('counts both Unicode spellings of an accented word together', () => {
    assert.deepEqual(wordFrequencies('Cafe\u0301 or caf\u00e9?'), [
      ['caf\u00e9', 2],
      ['or', 1],
    ])
  })

  it('counts nothing in empty text', () => {
    assert.deepEqual(wordFrequencies(''), [])
  })
})

describe('topWords', () => {
  it('stops at the limit', () => {
    assert.deepEqual(topWords('b a b a b c', 2), [
      ['b', 3],
      ['a', 2],
    ])
  })

  it('lists all words when there are fewer than the limit', () => {
    assert.deepEqual(topWords('solo', 5), [['solo', 1]])
  })
})
