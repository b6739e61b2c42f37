/** Numbers as people read them: with their unit, and with no more digits than their interval allows. */

const SIGNIFICANT = 3
const MOST_DECIMALS = 6
/** Share of a number that arithmetic may add or lose. */
export const ROUNDING = 1e-9
/** Between a number and its unit, so that no line breaks there. */
const GLUE = '\u00a0'

/** `ratio` for what has no unit: a share or a quotient. */
export const unitName = (unit: string): string => (unit === '1' ? 'ratio' : unit)

/** What a name is measured in, for an axis or the head of a column: `makespan (s)`. */
export const withUnit = (label: string, unit: string): string =>
  unit === '' ? label : `${label} (${unitName(unit)})`

/** @example quantity(1234.5, 's') // '1,230 s', with a space that no line breaks at */
export const quantity = (value: number, unit = ''): string => joined(shortNumber(value), unit)

/** Three significant digits; nothing is said of what is no number. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return minus(value.toLocaleString('en-US', { maximumSignificantDigits: SIGNIFICANT }))
}

export const percent = (share: number): string =>
  Number.isFinite(share) ? `${minus(digits(share * 100, Math.abs(share) < 0.1 ? 1 : 0))}${GLUE}%` : '–'

/**
 * A value and the ends of its interval, all with the decimals that the width of the interval gives sense to.
 * @example interval({ value: 31.416, low: 30.9, high: 32.1 }) // { value: '31.42', low: '30.90', high: '32.10' }
 */
export function interval({ value, low, high }: { value: number; low: number; high: number }) {
  const width = high - low
  const isWide = width > ROUNDING * Math.max(Math.abs(low), Math.abs(high))
  const decimals =
    isWide && Number.isFinite(width)
      ? Math.min(MOST_DECIMALS, Math.max(0, 1 - Math.floor(Math.log10(width))))
      : undefined
  const text = (one: number) =>
    decimals === undefined || !Number.isFinite(one) ? shortNumber(one) : minus(digits(one, decimals))
  return { value: text(value), low: text(low), high: text(high) }
}

export const joined = (number: string, unit: string): string =>
  unit === '' || unit === '1' ? number : `${number}${GLUE}${unit}`

/** Whole numbers in words: `2,880`. */
export const count = (value: number): string => value.toLocaleString('en-US')

const digits = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })

/** A hyphen is shorter than a digit, and lines break behind it. */
const minus = (text: string): string => text.replace(/^-/, /[1-9]/.test(text) ? '−' : '')
