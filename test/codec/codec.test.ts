import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressSchema, senderSchema } from '../../protocols/address.ts'
import { envelopeSchema } from '../../protocols/describe.ts'
import { HEADER, type Message } from '../../protocols/envelope.ts'
import { InvalidError } from '../../protocols/errors.ts'
import { conversationId, messageId, peerId, roleName, runId } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import type { Frame } from '../../src/bus/frame.ts'
import { createCodec, UndeliverableError } from '../../src/codec/codec.ts'
import { protocols, samples } from '../protocols/samples.ts'
import { message as anyMessage } from './messages.ts'

const codec = createCodec(createRegistry(protocols))
const bytes = (text: string) => new TextEncoder().encode(text)

/** Whole messages are slow to draw. Each has optional parts, present and absent within a few. */
const DRAWN = { numRuns: 30 }

const run = runId('r1')
const [plan, write] = [conversationId(run, 'plan'), conversationId(run, 'write')]
const request: Message = {
  id: messageId(plan, write, 1),
  type: 'task.request',
  version: 1,
  from: { role: roleName('planner'), peer: peerId('planner-1'), conversation: plan },
  to: { role: roleName('coder'), conversation: write },
  run,
  slip: [],
  deadline: 1_000,
  hops: 8,
  stake: '1p3',
  sentAt: 10,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  body: samples['task.request']!.good[0],
}
const { body: _, ...envelope } = request
const frame = codec.encode(request)
const withHeaders = (headers: Record<string, string>): Frame => ({
  ...frame,
  headers: { ...frame.headers, ...headers },
})

function refusalOf(bad: Frame): UndeliverableError {
  try {
    codec.decode(bad)
  } catch (error) {
    if (error instanceof UndeliverableError) return error
    throw error
  }
  throw new Error('the frame was not refused')
}

describe('encode and decode', () => {
  it('give back the message that was sent', () => {
    fc.assert(
      fc.property(anyMessage, (sent) => {
        expect(codec.decode(codec.encode(sent))).toEqual(sent)
      }),
      DRAWN,
    )
  })

  it('match header names without regard to case', () => {
    const recased = fc
      .constantFrom(...Object.keys(frame.headers))
      .chain((name) => fc.mixedCase(fc.constant(name)))
    fc.assert(
      fc.property(fc.array(recased), (names) => {
        const headers: Record<string, string> = { ...frame.headers }
        for (const name of names) {
          const written = Object.keys(headers).find((other) => other.toLowerCase() === name.toLowerCase())!
          const value = headers[written]!
          delete headers[written]
          headers[name] = value
        }
        expect(codec.decode({ ...frame, headers })).toEqual(request)
      }),
    )
  })

  it('write the headers that the AsyncAPI document describes', () => {
    const validate = new Ajv({ allErrors: true }).compile(envelopeSchema())
    fc.assert(
      fc.property(anyMessage, (sent) => {
        expect(validate(codec.encode(sent).headers), JSON.stringify(validate.errors)).toBe(true)
      }),
      DRAWN,
    )
  })

  it('ignore headers that are not theirs', () => {
    expect(codec.decode(withHeaders({ 'Nats-Msg-Id': 'x', 'Skein-Reason': 'lost' }))).toEqual(request)
  })

  it('drop fields that the schema does not name', () => {
    const body = { ...(request.body as object), added: 'by a newer peer' }
    expect(codec.decode(codec.encode({ ...request, body }))).toEqual(request)
  })
})

describe('encode', () => {
  it('refuses a body that does not parse and names the fields', () => {
    const body = { ...(request.body as object), title: 7, needs: ['Not A Name'] }
    const encode = () => codec.encode({ ...request, body })
    expect(encode).toThrow(InvalidError)
    expect(encode).toThrow(expect.objectContaining({ code: 'invalid.body' }))
    expect(encode).toThrow(/"task\.request".*title: .*needs\.0: /)
  })

  it('refuses a type that nobody here could read', () => {
    expect(() => codec.encode({ ...request, type: 'task.nap' })).toThrow(
      expect.objectContaining({ code: 'invalid.unknown-type' }),
    )
  })

  it.each<Partial<Message>>([
    { deadline: 1.5 },
    { deadline: Number.POSITIVE_INFINITY },
    { hops: -1 },
    { stake: 'all' },
    { traceparent: '' },
    { run: runId('r2') },
  ])('refuses the envelope that nobody could decode: %o', (wrong) => {
    expect(() => codec.encode({ ...request, ...wrong })).toThrow(InvalidError)
  })
})

describe('decode', () => {
  it.each([
    ['an unknown type', withHeaders({ [HEADER.type]: 'task.nap' }), 'invalid.unknown-type', /"task\.nap"/],
    [
      'an unknown version',
      withHeaders({ [HEADER.version]: '7' }),
      'invalid.unknown-version',
      /version 7.* 1/,
    ],
    ['a body cut off', { ...frame, body: frame.body.slice(0, -1) }, 'invalid.json', /JSON/],
    ['an empty body', { ...frame, body: bytes('') }, 'invalid.json', /JSON/],
    [
      'bytes that are not UTF-8',
      { ...frame, body: new Uint8Array([0x22, 0xff, 0x22]) },
      'invalid.json',
      /UTF-8/,
    ],
    ['a body of another shape', { ...frame, body: bytes('{"title":7}') }, 'invalid.body', /title: /],
    ['a body that is no object', { ...frame, body: bytes('null') }, 'invalid.body', /"task\.request"/],
  ])('refuses %s and keeps the envelope', (_, bad, code, says) => {
    const error = refusalOf(bad)
    expect(error).toMatchObject({ code, message: expect.stringMatching(says) })
    expect(error.envelope).toEqual({
      ...envelope,
      type: bad.headers[HEADER.type],
      version: Number(bad.headers[HEADER.version]),
    })
  })

  it.each(Object.keys(frame.headers))('refuses a message without %s and names it', (name) => {
    const { [name]: _, ...headers } = frame.headers
    expect(refusalOf({ ...frame, headers })).toMatchObject({
      code: 'invalid.headers',
      message: expect.stringContaining(name),
    })
  })

  it.each([
    [HEADER.id, 'r1/plan'],
    [HEADER.id, 'r1/-plan>r1/write#1'],
    [HEADER.id, 'r1/plan>r1/-write#1'],
    [HEADER.id, `r1/plan>r1/write#${'9'.repeat(30)}`],
    [HEADER.id, 'r2/plan>r1/write#1'],
    [HEADER.id, 'r1/plan>r2/write#1'],
    [HEADER.type, ''],
    [HEADER.version, '1.0'],
    [HEADER.from, 'planner'],
    [HEADER.from, 'planner/planner/1'],
    [HEADER.from, 'planner/Planner 1'],
    [HEADER.to, 'Coder'],
    [HEADER.run, 'r2'],
    [HEADER.correlation, 'the first'],
    [HEADER.slip, '[{'],
    [HEADER.slip, '[{"role":"coder"}]'],
    [HEADER.deadline, 'soon'],
    [HEADER.deadline, '9007199254740993'],
    [HEADER.hops, '-1'],
    [HEADER.stake, '1/2'],
    [HEADER.stake, '1p9999999'],
    [HEADER.sentAt, ''],
    [HEADER.traceparent, '00-0-0-00'],
  ])('refuses %s: %s', (name, value) => {
    expect(refusalOf(withHeaders({ [name]: value })).code).toBe('invalid.headers')
  })

  it('refuses a frame with no headers at all', () => {
    const error = refusalOf({ headers: {}, body: frame.body })
    expect(error).toMatchObject({ code: 'invalid.headers', envelope: undefined })
  })

  it('keeps the cause of a refusal', () => {
    expect(refusalOf(withHeaders({ [HEADER.type]: 'task.nap' })).cause).toMatchObject({ known: [] })
  })

  it('either refuses a frame or hands on a message in which every id parses', () => {
    const loose = fc.stringMatching(/^r1\/[a-z0-9_-]{1,3}>r1\/[a-z0-9_-]{1,3}#[1-9][0-9]{0,20}$/)
    const value = fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{1,17}$/), fc.json())
    const name = fc.constantFrom(...Object.values(HEADER))
    const headers = fc.oneof(fc.record({ [HEADER.id]: loose }), fc.dictionary(name, value, { maxKeys: 3 }))
    const body = fc.oneof(fc.constant(frame.body), fc.uint8Array(), fc.json().map(bytes))
    fc.assert(
      fc.property(headers, body, (changed, body) => {
        const bad = { headers: { ...frame.headers, ...changed }, body }
        try {
          const { from, to } = codec.decode(bad)
          senderSchema.parse(from)
          addressSchema.parse(to)
        } catch (error) {
          expect(error).toBeInstanceOf(UndeliverableError)
        }
      }),
    )
  })
})
