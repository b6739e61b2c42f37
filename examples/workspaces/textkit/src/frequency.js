import { words } from './words.js'

/**
 * Counts how often each word of a text occurs, without regard to case.
 *
 * What a word is, `words` decides. The result holds pairs of a word in lower case and its count, the most frequent
 * word first; words of equal count stand in the order in which they first appear in the text.
 *
 * @param {string} text
 * @returns {Array<[word: string, count: number]>}
 */
export const wordFrequencies = (text) => {
  throw new Error('not implemented')
}

/**
 * The most frequent words of a text, at most `limit` of them.
 *
 * @param {string} text
 * @param {number} [limit]
 * @returns {Array<[word: string, count: number]>}
 */
export function topWords(text, limit = 10) {
  return wordFrequencies(text).slice(0, limit)
}
