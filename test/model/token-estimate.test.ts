import { describe, expect, it } from 'vitest'
import { ENTRY_TOKENS, likelyTokens, mostTokens } from '../../src/model/token-estimate.ts'

describe('the tokens of a prompt', () => {
  it('are whole ones, about three bytes each', () => {
    expect([0, 1, 3, 4].map(likelyTokens)).toEqual([0, 1, 1, 2])
  })

  it('are at most its bytes, the schemas twice, and something around it and around each entry', () => {
    const around = mostTokens({ bytes: 0, schemaBytes: 0, entries: 0 })
    expect(around).toBeGreaterThan(0)
    expect(mostTokens({ bytes: 300, schemaBytes: 100, entries: 2 })).toBe(400 + 2 * ENTRY_TOKENS + around)
  })
})
