import { countWords } from './words.js'

/**
 * How many minutes a text takes to read, rounded up to whole minutes.
 *
 * @param {string} text
 * @param {number} [wordsPerMinute]
 * @returns {number}
 */
export function readingMinutes(text, wordsPerMinute = 200) {
  return Math.ceil(countWords(text) / wordsPerMinute)
}
