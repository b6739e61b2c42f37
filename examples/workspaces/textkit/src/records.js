import { parseCsv } from './csv.js'
import { slugify } from './slug.js'

const SEPARATORS = { snake: '_', kebab: '-' }

/**
 * Reads comma-separated values with a header line into one object for each row that follows it.
 *
 * The keys are the column titles as slugs: `Unit price` becomes `unit_price`, or `unit-price` with `keys: 'kebab'`.
 * Fields missing at the end of a row are empty strings.
 *
 * @param {string} text
 * @param {{ keys?: 'snake' | 'kebab' }} [options]
 * @returns {Array<Record<string, string>>}
 */
export function readRecords(text, { keys = 'snake' } = {}) {
  const [header = [], ...rows] = parseCsv(text)
  const names = header.map((title) => slugify(title, { separator: SEPARATORS[keys] }))
  return rows.map((row) => Object.fromEntries(names.map((name, column) => [name, row[column] ?? ''])))
}
