import { describe, expect, it } from 'vitest'
import {
  coordinationEfficiency,
  coordinationOverhead,
  errorAmplification,
  messageDensity,
  redundancyRate,
  repeatedWork,
} from '../../../lab/theory/coordination.ts'

describe('what coordination costs', () => {
  it('is, in turns, what several take beyond one', () => {
    // Table of the paper: hybrid takes 44.3 turns, a single agent 7.2: 515 %.
    expect(coordinationOverhead(44.3, 7.2)).toBeCloseTo(5.15, 2)
    expect(coordinationOverhead(7.2, 7.2)).toBe(0)
  })

  it('is, as efficiency, success over relative turns', () => {
    expect(coordinationEfficiency(0.466, 7.2, 7.2)).toBeCloseTo(0.466, 12)
    expect(coordinationEfficiency(0.5, 20, 5)).toBeCloseTo(0.125, 12)
  })

  it('is, in messages, so many a turn', () => {
    expect(messageDensity(6, 24)).toBe(0.25)
  })

  it('amplifies errors where together they fail more often', () => {
    expect(errorAmplification(0.44, 0.1)).toBeCloseTo(4.4, 12)
    expect(errorAmplification(0, 0)).toBe(1)
    expect(errorAmplification(0.1, 0)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is redundant where agents say the same, by all pairs', () => {
    expect(
      redundancyRate([
        [1, 2],
        [2, 4],
      ]),
    ).toBeCloseTo(1, 12)
    expect(
      redundancyRate([
        [1, 0],
        [0, 1],
        [1, 0],
      ]),
    ).toBeCloseTo(1 / 3, 12)
    expect(() => redundancyRate([[1, 0]])).toThrow('got 1, give two or more')
    expect(() =>
      redundancyRate([
        [1, 0],
        [0, 0],
      ]),
    ).toThrow('none of them zero')
  })

  it('repeats the share of the work that was done again', () => {
    expect(repeatedWork(12, 9)).toBe(0.25)
    expect(repeatedWork(0, 0)).toBe(0)
  })
})
