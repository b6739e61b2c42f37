import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slugify, uniqueSlug } from '../src/slug.js'

test('slugify joins lower-case words with hyphens', () => {
  assert.equal(slugify('How to Brew Tea'), 'how-to-brew-tea')
})

test('slugify removes accents and keeps the letters under them', () => {
  assert.equal(slugify('Crème Brûlée à la Façon'), 'creme-brulee-a-la-facon')
})

test('slugify puts one separator for a run of other characters', () => {
  assert.equal(slugify('Salt & pepper -- 50/50'), 'salt-pepper-50-50')
})

test('slugify puts no separator at either end', () => {
  assert.equal(slugify('  "Why?" '), 'why')
})

test('slugify takes a separator that is special in regular expressions', () => {
  assert.equal(slugify('Release 1.2, final!', { separator: '.' }), 'release.1.2.final')
})

test('slugify leaves off the words that do not fit whole', () => {
  assert.equal(slugify('A very long headline', { maxLength: 12 }), 'a-very-long')
  assert.equal(slugify('An exact fit here', { maxLength: 12 }), 'an-exact-fit')
})

test('slugify cuts a first word that is too long by itself', () => {
  assert.equal(slugify('Donaudampfschifffahrt heute', { maxLength: 5 }), 'donau')
})

test('slugify gives an empty slug for a title without letters and digits', () => {
  assert.equal(slugify('???'), '')
})

test('uniqueSlug gives the plain slug when it is free', () => {
  assert.equal(uniqueSlug('Green Tea', new Set(['black-tea'])), 'green-tea')
})

test('uniqueSlug takes the first free number', () => {
  assert.equal(uniqueSlug('Tea', new Set(['tea', 'tea-2'])), 'tea-3')
})
