import { describe, expect, it } from 'vitest'
import {
  coordinationEfficiency,
  coordinationOverhead,
  messageDensity,
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
})
