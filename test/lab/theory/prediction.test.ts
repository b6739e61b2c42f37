import { describe, expect, it } from 'vitest'
import { prediction } from '../../../lab/theory/prediction.ts'

describe('a prediction', () => {
  it('has its residual relative to what was predicted, if that is not 0', () => {
    expect(prediction('M/G/1', 2, 2.5)).toEqual({ model: 'M/G/1', value: 2, residual: 0.25 })
    expect(prediction('M/G/1', 0, 1).residual).toBeNull()
  })
})
