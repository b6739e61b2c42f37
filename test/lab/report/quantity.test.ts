import { describe, expect, it } from 'vitest'
import { interval, percent, quantity, shortNumber, withUnit } from '../../../lab/report/quantity.ts'

describe('numbers of a report', () => {
  it('have three digits that count, and a unit that no line break parts from them', () => {
    expect(quantity(1_234.5, 's')).toBe('1,230\u00a0s')
    expect(quantity(0.0123456, '1')).toBe('0.0123')
    expect(shortNumber(-0.5)).toBe('−0.5')
    expect(shortNumber(Number.NaN)).toBe('–')
  })

  it('have the decimals that their interval gives sense to', () => {
    expect(interval({ value: 31.41592, low: 31.1, high: 31.7 })).toEqual({
      value: '31.42',
      low: '31.10',
      high: '31.70',
    })
    expect(interval({ value: 2_104.7, low: 2_000.2, high: 2_200.9 })).toEqual({
      value: '2,105',
      low: '2,000',
      high: '2,201',
    })
    expect(interval({ value: 2, low: 2, high: 2 })).toEqual({ value: '2', low: '2', high: '2' })
    const rounded = { value: 4.1, low: 4.1 - 1e-15, high: 4.1 + 1e-15 }
    expect(interval(rounded)).toEqual({ value: '4.1', low: '4.1', high: '4.1' })
  })

  it('are shares in percent', () => {
    expect([0.95, 0.0123, -0.2, -0.0001, Number.NaN].map(percent)).toEqual([
      ...['95\u00a0%', '1.2\u00a0%', '−20\u00a0%', '0.0\u00a0%', '–'],
    ])
  })

  it('name what has no unit a ratio', () => {
    expect(['1', 's', ''].map((unit) => withUnit('load', unit))).toEqual(['load (ratio)', 'load (s)', 'load'])
  })
})
