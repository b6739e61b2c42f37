import { describe, expect, it } from 'vitest'
import { contextTokensOf } from '../../src/model/context-window.ts'

describe('the context of a model', () => {
  it.each([
    ['gpt-4o', 128_000],
    ['gpt-5-mini-2025-08-07', 272_000],
    ['qwen3', undefined],
    ['toString', undefined],
  ])('%s has %s tokens', (model, tokens) => {
    expect(contextTokensOf(model)).toBe(tokens)
  })
})
