import { topWords } from './frequency.js'
import { wrap } from './wrap.js'

/**
 * The word report of the weekly mail: the most frequent words with their counts, in lines of limited width.
 *
 * @param {string} text
 * @param {{ limit?: number, width?: number }} [options]
 * @returns {string}
 */
export function frequencyReport(text, { limit = 10, width = 72 } = {}) {
  const entries = topWords(text, limit).map(([word, count]) => `${word} (${count})`)
  return wrap(entries.join(', '), width).join('\n')
}
