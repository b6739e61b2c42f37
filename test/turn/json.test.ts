import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonProblem } from '../../src/turn/json.ts'

const circular: { self?: unknown } = {}
circular.self = [circular]
const twice = { a: 1 }

describe('what does not survive JSON', () => {
  it.each<[string, unknown, RegExp]>([
    ['a function', { act: () => {} }, /^context\.act is of type function/],
    ['a symbol', { key: Symbol('s') }, /^context\.key is of type symbol/],
    ['a bigint', [1n], /^context\[0\] is of type bigint/],
    ['undefined in an array', [undefined], /^context\[0\] is of type undefined/],
    ['not a number', { deep: [{ n: Number.NaN }] }, /^context\.deep\[0\]\.n is NaN/],
    ['infinity', Number.POSITIVE_INFINITY, /^context is Infinity/],
    ['a date', { at: new Date(0) }, /^context\.at is a Date/],
    ['a map', new Map(), /^context is a Map/],
    ['bytes', { body: new Uint8Array(1) }, /^context\.body is a Uint8Array/],
    ['a promise', { later: Promise.resolve() }, /^context\.later is a Promise/],
    ['what contains itself', circular, /^context\.self\[0\] contains itself/],
  ])('is found where it stands: %s', (_, value, problem) => {
    expect(jsonProblem(value, 'context')).toMatch(problem)
  })

  it('is not an absent field, nor the same object in two places', () => {
    expect(jsonProblem({ absent: undefined }, 'context')).toBeNull()
    expect(jsonProblem({ one: twice, other: [twice, twice] }, 'context')).toBeNull()
  })

  it('is nothing that JSON gives back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(jsonProblem(value, 'context')).toBeNull()
      }),
    )
  })

  it('is all that JSON does not give back as it was', () => {
    // But for a negative zero, which becomes a zero.
    const anything = fc
      .anything({ withDate: true, withMap: true, withBigInt: true, withTypedArray: true })
      .filter((value) => !fc.stringify(value).includes('-0'))
    fc.assert(
      fc.property(anything, (value) => {
        if (jsonProblem(value, 'context') !== null) return
        expect(JSON.parse(JSON.stringify(value))).toEqual(value)
      }),
    )
  })
})
