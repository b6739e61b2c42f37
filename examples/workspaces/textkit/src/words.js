const SENTENCE_BREAK = /(?<=[.!?])\s+/u

/**
 * Splits a text into its sentences, each with its closing mark.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function sentences(text) {
  const trimmed = text.trim()
  return trimmed === '' ? [] : trimmed.split(SENTENCE_BREAK)
}

/**
 * Splits a text into its words, in the order in which they stand.
 *
 * A word is a run of letters (with their marks) and digits, of any script. An apostrophe between two of them
 * belongs to the word; every other character separates words. A typographic apostrophe (U+2019) is returned as a
 * plain one. Words are returned in composed form (NFC) and in the case in which they were written. A text without
 * words gives an empty array.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function words(text) {
  throw new Error('not implemented')
}

/**
 * Counts the words of a text.
 *
 * @param {string} text
 * @returns {number}
 */
export function countWords(text) {
  return words(text).length
}
