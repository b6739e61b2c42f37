/** Lengths of time in a few characters: seven at most, below a hundred days. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * @example
 * shortDuration(0.42) // '0.4 ms'
 * shortDuration(1_234) // '1.23 s'
 * shortDuration(125_000) // '2m 05s'
 */
export function shortDuration(ms: number): string {
  if (ms < 9.95) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 9_995) return `${(ms / SECOND).toFixed(2)} s`
  if (ms < 59_950) return `${(ms / SECOND).toFixed(1)} s`
  if (ms < HOUR - SECOND / 2) return twoUnits(Math.round(ms / SECOND), 60, 'm', 's')
  if (ms < DAY - MINUTE / 2) return twoUnits(Math.round(ms / MINUTE), 60, 'h', 'm')
  return twoUnits(Math.round(ms / HOUR), 24, 'd', 'h')
}

function twoUnits(count: number, ratio: number, big: string, small: string): string {
  return `${Math.floor(count / ratio)}${big} ${String(count % ratio).padStart(2, '0')}${small}`
}

/** The same for round lengths, without the digits that say nothing: `2 s`, `5m`. */
export const roundDuration = (ms: number): string =>
  ms === 0
    ? '0'
    : shortDuration(ms)
        .replace(/\.?0+ s$/, ' s')
        .replace(/ 00[smh]$/, '')
