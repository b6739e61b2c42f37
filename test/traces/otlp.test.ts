import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromOtlp, msOf, nanosOf, toOtlp } from '../../traces/otlp.ts'
import type { Span } from '../../traces/span.ts'
import { sampleRun } from './sample-run.ts'

const span: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  name: 'send role.coder',
  kind: 'producer',
  startMs: 1_772_442_900_000.25,
  endMs: 1_772_442_900_001,
  attributes: {
    text: 'a',
    whole: 3,
    part: 0.5,
    yes: true,
    list: ['a', 'b'],
    endless: Number.POSITIVE_INFINITY,
  },
  links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '1111111111111111', attributes: { n: 1 } }],
  status: { code: 'error', message: 'refused' },
  resource: { 'service.name': 'skein' },
}

describe('OTLP JSON', () => {
  it('is written as the protocol wants it: digits for times, numbers for enums, a type for each value', () => {
    expect(toOtlp([span])).toMatchInlineSnapshot(`
      {
        "resourceSpans": [
          {
            "resource": {
              "attributes": [
                {
                  "key": "service.name",
                  "value": {
                    "stringValue": "skein",
                  },
                },
              ],
            },
            "scopeSpans": [
              {
                "schemaUrl": "https://opentelemetry.io/schemas/1.41.1",
                "scope": {
                  "name": "skein",
                },
                "spans": [
                  {
                    "attributes": [
                      {
                        "key": "text",
                        "value": {
                          "stringValue": "a",
                        },
                      },
                      {
                        "key": "whole",
                        "value": {
                          "intValue": "3",
                        },
                      },
                      {
                        "key": "part",
                        "value": {
                          "doubleValue": 0.5,
                        },
                      },
                      {
                        "key": "yes",
                        "value": {
                          "boolValue": true,
                        },
                      },
                      {
                        "key": "list",
                        "value": {
                          "arrayValue": {
                            "values": [
                              {
                                "stringValue": "a",
                              },
                              {
                                "stringValue": "b",
                              },
                            ],
                          },
                        },
                      },
                      {
                        "key": "endless",
                        "value": {
                          "doubleValue": "Infinity",
                        },
                      },
                    ],
                    "endTimeUnixNano": "1772442900001000000",
                    "kind": 4,
                    "links": [
                      {
                        "attributes": [
                          {
                            "key": "n",
                            "value": {
                              "intValue": "1",
                            },
                          },
                        ],
                        "spanId": "1111111111111111",
                        "traceId": "0af7651916cd43dd8448eb211c80319c",
                      },
                    ],
                    "name": "send role.coder",
                    "parentSpanId": "00f067aa0ba902b7",
                    "spanId": "b7ad6b7169203331",
                    "startTimeUnixNano": "1772442900000250000",
                    "status": {
                      "code": 2,
                      "message": "refused",
                    },
                    "traceId": "0af7651916cd43dd8448eb211c80319c",
                  },
                ],
              },
            ],
          },
        ],
      }
    `)
  })

  it('reads back what it writes', () => {
    const spans = [span, ...sampleRun()]
    const read = fromOtlp(JSON.parse(JSON.stringify(toOtlp(spans))))
    expect(new Set(read)).toEqual(new Set(spans))
    expect(read).toHaveLength(spans.length)
  })

  it('puts the spans of one resource together, in the order they came', () => {
    const here = { 'service.name': 'skein', 'host.id': 'a' }
    const spans: Span[] = [
      { ...span, name: '1', resource: here },
      { ...span, name: '2', resource: { 'service.name': 'skein', 'host.id': 'b' } },
      { ...span, name: '3', resource: { 'host.id': 'a', 'service.name': 'skein' } },
    ]
    const groups = toOtlp(spans).resourceSpans.map(({ scopeSpans }) =>
      scopeSpans[0]!.spans.map((s) => s.name),
    )
    expect(groups).toEqual([['1', '3'], ['2']])
  })

  it('loses nothing of a time between milliseconds and nanoseconds', () => {
    expect(nanosOf(1_772_442_900_000.25)).toBe(1_772_442_900_000_250_000n)
    expect(nanosOf(0.1)).toBe(100_000n)
    fc.assert(
      fc.property(fc.double({ min: 1e12, max: 4e12, noNaN: true }), (ms) => {
        expect(msOf(nanosOf(ms))).toBe(ms)
      }),
    )
  })
})

describe('OTLP JSON of others', () => {
  const read = (fields: object, resource: object = {}) =>
    fromOtlp({
      resourceSpans: [
        {
          resource,
          scopeSpans: [
            {
              spans: [
                {
                  traceId: span.traceId,
                  spanId: span.spanId,
                  startTimeUnixNano: '1',
                  endTimeUnixNano: '2',
                  ...fields,
                },
              ],
            },
          ],
        },
      ],
    })[0]!

  it('may leave out whatever has a default', () => {
    expect(read({})).toEqual({
      traceId: span.traceId,
      spanId: span.spanId,
      name: '',
      kind: 'internal',
      startMs: 1e-6,
      endMs: 2e-6,
      attributes: {},
      resource: {},
    })
    expect(fromOtlp({})).toEqual([])
  })

  it('may have upper-case ids, an empty parent, numbers for times, and fields and kinds of the future', () => {
    const other = read({
      traceId: span.traceId.toUpperCase(),
      parentSpanId: '',
      startTimeUnixNano: 1_000_000,
      kind: 9,
      status: { code: 7 },
      events: [{ name: 'x' }],
      flags: 257,
    })
    expect(other).toMatchObject({ traceId: span.traceId, startMs: 1, kind: 'internal' })
    expect(other).not.toHaveProperty('parentSpanId')
    expect(other).not.toHaveProperty('status')
  })

  it('may have numbers for times of today, which are longer than a float is exact, and fractions', () => {
    const late = read({ startTimeUnixNano: 1732694221000000000, endTimeUnixNano: 1732694221000000500 })
    expect([late.startMs, late.endMs]).toEqual([1_732_694_221_000, 1_732_694_221_000.0005])
    expect(read({ startTimeUnixNano: 1.5 }).startMs).toBe(2e-6)
  })

  it('may name kinds and codes, also those of the future', () => {
    const named = (kind: string, code: string) => {
      const { kind: is, status } = read({ kind, status: { code, message: 'm' } })
      return [is, status]
    }
    expect(named('SPAN_KIND_CLIENT', 'STATUS_CODE_ERROR')).toEqual([
      'client',
      { code: 'error', message: 'm' },
    ])
    expect(named('SPAN_KIND_PRODUCER', 'STATUS_CODE_OK')).toEqual(['producer', { code: 'ok', message: 'm' }])
    expect(named('SPAN_KIND_UNSPECIFIED', 'STATUS_CODE_UNSET')).toEqual(['internal', undefined])
    expect(named('SPAN_KIND_NEW', 'STATUS_CODE_NEW')).toEqual(['internal', undefined])
  })

  it('may have null for whatever it leaves out', () => {
    const absent = ['parentSpanId', 'name', 'kind', 'attributes', 'links', 'status']
    const none = Object.fromEntries(absent.map((name) => [name, null]))
    expect(read(none, { attributes: null })).toEqual(read({}))
    expect(read({ status: { code: null, message: null } })).toEqual(read({}))
    const link = { traceId: span.traceId, spanId: span.spanId }
    expect(read({ links: [{ ...link, attributes: null }] }).links).toEqual([link])
    const attributes = [
      { key: 'a', value: { stringValue: 'text', intValue: null } },
      { key: 'b', value: null },
      { key: 'c', value: { arrayValue: { values: null } } },
      { key: 'd', value: { kvlistValue: { values: null } } },
    ]
    expect(read({ attributes }).attributes).toEqual({ a: 'text', c: [], d: '{}' })
    for (const resourceSpans of [
      null,
      [{ scopeSpans: null }],
      [{ resource: null, scopeSpans: [{ spans: null }] }],
    ])
      expect(fromOtlp({ resourceSpans })).toEqual([])
  })

  it('may hold values that a span cannot: they become text', () => {
    const value = (value: object) => read({ attributes: [{ key: 'k', value }] }).attributes.k
    const list = { values: [{ key: 'a', value: { intValue: 1 } }, { key: 'b' }] }
    expect(value({ kvlistValue: list })).toBe('{"a":1}')
    expect(value({ bytesValue: 'aGk=' })).toBe('aGk=')
    expect(value({ intValue: '9223372036854775807' })).toBe('9223372036854775807')
    expect(value({ intValue: '-7' })).toBe(-7)
    expect(value({ doubleValue: 'NaN' })).toBeNaN()
    expect(value({ arrayValue: { values: [{ stringValue: 'a' }, { intValue: 2 }, {}] } })).toEqual([
      'a',
      '2',
      'null',
    ])
    expect(value({ arrayValue: {} })).toEqual([])
    expect(value({})).toBeUndefined()
  })

  it('may name an attribute like anything', () => {
    const { attributes } = read({ attributes: [{ key: '__proto__', value: { arrayValue: {} } }] })
    expect(Object.keys(attributes)).toEqual(['__proto__'])
  })

  it.each([
    ['nothing', undefined, 'the whole'],
    ['a list', [], 'the whole'],
    ['an id too short', { spanId: 'ab' }, 'spanId: must be 16 hex digits'],
    ['attributes that are none', { attributes: 'many' }, 'spans.0.attributes: '],
    ['an attribute without a name', { attributes: [{ value: {} }] }, 'spans.0.attributes.0.key: '],
    [
      'a number that is none',
      {
        attributes: [
          { key: 'a', value: { stringValue: 'b' } },
          { key: 'c', value: { intValue: '1e3' } },
        ],
      },
      'spans.0.attributes.1.value.intValue: ',
    ],
    ['a time that is none', { endTimeUnixNano: 'soon' }, 'endTimeUnixNano'],
    ['a time before time', { endTimeUnixNano: -1 }, 'endTimeUnixNano'],
    ['a time without end', { endTimeUnixNano: Number.POSITIVE_INFINITY }, 'endTimeUnixNano'],
    ['an id that is null', { spanId: null }, 'spanId'],
    ['a kind that is none', { kind: 'client' }, 'kind'],
    ['a status that is none', { status: { code: 'failed' } }, 'status.code'],
  ])('is refused with the place of what is wrong: %s', (_what, fields, place) => {
    const act = () => (fields !== undefined && !Array.isArray(fields) ? read(fields) : fromOtlp(fields))
    expect(act).toThrow(
      expect.objectContaining({ code: 'invalid.otlp', message: expect.stringContaining(place) }),
    )
  })
})
