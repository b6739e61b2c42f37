import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatTracestate,
  parseTraceparent,
  parseTracestate,
  spanIdOf,
  traceIdOf,
  traceparent,
} from '../../traces/propagation.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

describe('traceparent', () => {
  it('reads back what it writes, sampled or not', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.boolean(), (trace, span, sampled) => {
        const context = { traceId: traceIdOf(trace), spanId: spanIdOf(span) }
        expect(parseTraceparent(traceparent(context, sampled))).toEqual({ ...context, sampled })
      }),
    )
  })

  it.each([
    ['an unknown flag', `00-${traceId}-${spanId}-03`, true],
    ['an unknown flag alone', `00-${traceId}-${spanId}-02`, false],
    ['a later version', `cc-${traceId}-${spanId}-01`, true],
    ['a later version with more fields', `cc-${traceId}-${spanId}-01-what-the-future-brings`, true],
  ])('reads %s', (_what, text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId, spanId, sampled })
  })

  it.each([
    ['nothing', ''],
    ['more fields in version 00', `00-${traceId}-${spanId}-01-more`],
    ['a bare dash at its end', `00-${traceId}-${spanId}-01-`],
    ['a later version that goes on without a dash', `cc-${traceId}-${spanId}-01.more`],
    ['the version that stays invalid', `ff-${traceId}-${spanId}-01`],
    ['an all-zero trace id', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['an all-zero span id', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['an id too short', `00-${traceId.slice(1)}-${spanId}-01`],
    ['flags that are no hex', `00-${traceId}-${spanId}-0g`],
    ['white space around it', ` 00-${traceId}-${spanId}-01`],
    ['a line break after it', `00-${traceId}-${spanId}-01\n`],
  ])('refuses %s', (_what, text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  })
})

describe('tracestate', () => {
  it('keeps the order of its entries', () => {
    const text = 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE,tenant7@sys=a b'
    const state = [
      ['rojo', '00f067aa0ba902b7'],
      ['congo', 't61rcWkgMzE'],
      ['tenant7@sys', 'a b'],
    ] as const
    expect(parseTracestate(text)).toEqual(state)
    expect(formatTracestate(state)).toBe(text)
  })

  it('allows white space and empty members between entries', () => {
    expect(parseTracestate('a=1 ,\tb=2,,')).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
    expect(parseTracestate('')).toEqual([])
  })

  it('takes 32 entries and no more', () => {
    const entries = Array.from({ length: 33 }, (_, index) => `k${index}=v`)
    expect(parseTracestate(entries.slice(1).join(','))).toHaveLength(32)
    expect(parseTracestate(entries.join(','))).toBeUndefined()
  })

  it.each([
    ['a key twice', 'a=1,b=2,a=3'],
    ['no value', 'a='],
    ['no equals sign', 'a'],
    ['no key', '=1'],
    ['an upper-case key', 'A=1'],
    ['a key that begins with a digit and has no tenant', '1a=1'],
    ['an equals sign in a value', 'a=1=2'],
    ['a control character', 'a=\u0007'],
    ['a letter beyond ASCII', 'a=é'],
    ['a key too long', `${'k'.repeat(257)}=1`],
    ['a value too long', `a=${'v'.repeat(257)}`],
    ['a system too long', `t@${'s'.repeat(15)}=1`],
  ])('refuses all of it for %s', (_what, text) => {
    expect(parseTracestate(text)).toBeUndefined()
  })
})

describe('derived ids', () => {
  it('are the same for the same text, and the leading bytes of its SHA-256', () => {
    expect(traceIdOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223')
    expect(spanIdOf('abc')).toBe('ba7816bf8f01cfea')
  })

  it('differ for different turns', () => {
    const ids = Array.from({ length: 1_000 }, (_, turn) => spanIdOf(`r1/plan ${turn} 0`))
    expect(new Set(ids).size).toBe(ids.length)
  })
})
