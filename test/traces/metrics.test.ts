import { describe, expect, it } from 'vitest'
import { METRIC } from '../../traces/metrics.ts'

describe('metrics', () => {
  it('gives no two metrics one name, and every one a unit and a sentence', () => {
    const metrics = Object.values(METRIC)
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length)
    for (const { name, unit, description } of metrics) {
      expect(name).toMatch(/^(skein|gen_ai\.client|messaging)\.[a-z_.]+$/)
      expect(unit).toMatch(/^(s|\{[a-z]+\})$/)
      expect(description).toMatch(/^[A-Z].*[^.]$/)
    }
  })

  it('has the buckets of the conventions', () => {
    const { tokens, call, process } = METRIC
    expect(tokens.buckets).toEqual([
      ...[1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216],
      67_108_864,
    ])
    expect(call.buckets).toEqual([
      ...[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
    ])
    expect(process.buckets.at(-1)).toBe(10)
  })
})
