import { describe, expect, it } from 'vitest'
import { roundDuration, shortDuration } from '../../../traces/read/duration.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('a short duration', () => {
  it.each([
    [0, '0 ms'],
    [0.04, '0 ms'],
    [0.42, '0.4 ms'],
    [3, '3 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [1_234, '1.23 s'],
    [9_994, '9.99 s'],
    [9_996, '10.0 s'],
    [59_940, '59.9 s'],
    [59_960, '1m 00s'],
    [2 * MINUTE + 5 * SECOND, '2m 05s'],
    [HOUR - 400, '1h 00m'],
    [HOUR + 4 * MINUTE, '1h 04m'],
    [DAY - 1, '1d 00h'],
    [12 * DAY + 3 * HOUR, '12d 03h'],
  ])('says %d ms as %s', (ms, text) => {
    expect(shortDuration(ms)).toBe(text)
  })

  it.each([
    [0, '0'],
    [200, '200 ms'],
    [2 * SECOND, '2 s'],
    [20 * SECOND, '20 s'],
    [2.5 * SECOND, '2.5 s'],
    [5 * MINUTE, '5m'],
    [90 * SECOND, '1m 30s'],
    [2 * HOUR, '2h'],
  ])('says %d ms on a ruler as %s', (ms, text) => {
    expect(roundDuration(ms)).toBe(text)
  })
})
