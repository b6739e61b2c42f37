import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blobHashSchema,
  conversationId,
  conversationIdSchema,
  messageId,
  messageIdSchema,
  nameOf,
  partsOf,
  peerId,
  roleName,
  runId,
  runOf,
} from '../../protocols/ids.ts'

const token = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/)
const conversation = fc.tuple(token, token).map(([run, name]) => conversationId(runId(run), name))
const number = fc.integer({ min: 1, max: 10 ** 15 - 1 })

const BAD_TOKENS = ['', '-a', '_a', 'A', 'a.b', 'a/b', 'a b', 'a>b', 'a#1', 'a*', 'é', 'a\n', 'a'.repeat(64)]

describe('role, peer and run names', () => {
  it.each([
    ['roleName', roleName],
    ['peerId', peerId],
    ['runId', runId],
  ])('%s takes any token and changes nothing', (_, parse) => {
    fc.assert(fc.property(token, (text) => parse(text) === text))
  })

  it.each(BAD_TOKENS)('refuses %j', (bad) => {
    for (const parse of [roleName, peerId, runId]) expect(() => parse(bad)).toThrow('must be 1 to 63')
  })
})

describe('conversation ids', () => {
  it('give back the run and the name they were made of', () => {
    fc.assert(
      fc.property(token, token, (run, name) => {
        const id = conversationId(runId(run), name)
        expect([runOf(id), nameOf(id)]).toEqual([run, name])
      }),
    )
  })

  it.each(BAD_TOKENS)('refuse %j as a name', (bad) => {
    expect(() => conversationId(runId('r1'), bad)).toThrow('must be')
  })

  it.each(['r1', 'r1/', '/plan', 'r1/plan/more', 'r1/plan\n'])('refuse %j', (bad) => {
    expect(conversationIdSchema.safeParse(bad).success).toBe(false)
  })
})

describe('message ids', () => {
  it('give back the parts they were made of', () => {
    fc.assert(
      fc.property(conversation, conversation, number, (from, to, count) => {
        expect(partsOf(messageId(from, to, count))).toEqual({ from, to, number: count })
      }),
    )
  })

  it('parse as what they are', () => {
    fc.assert(
      fc.property(conversation, conversation, number, (from, to, count) => {
        const id = messageId(from, to, count)
        expect(messageIdSchema.parse(id)).toBe(id)
      }),
    )
  })

  it.each([
    '',
    'r1/a>r1/b',
    'r1/a>r1/b#0',
    'r1/a>r1/b#01',
    'r1/a>r1/b#-1',
    'r1/a>r1/b#1.5',
    'r1/a>r1/b#1\n',
    'r1/a#1',
    'r1>r1/b#1',
    'r1/a>r1/b>r1/c#1',
    'R1/a>r1/b#1',
  ])('refuse %j', (bad) => {
    expect(messageIdSchema.safeParse(bad).success).toBe(false)
  })

  it('that parse have conversations that parse, and a number that counts', () => {
    const loose = fc.stringMatching(
      /^[a-z0-9_-]{1,70}\/[a-z0-9_-]{1,70}>[a-z0-9_-]{1,70}\/[a-z0-9_-]{1,70}#[1-9][0-9]{0,20}$/,
    )
    fc.assert(
      fc.property(loose, (text) => {
        const id = messageIdSchema.safeParse(text)
        if (!id.success) return
        const { from, to, number: count } = partsOf(id.data)
        expect(conversationIdSchema.safeParse(from).success).toBe(true)
        expect(conversationIdSchema.safeParse(to).success).toBe(true)
        expect(messageId(from, to, count)).toBe(text)
      }),
    )
  })
})

describe('blob hashes', () => {
  it('are 64 lower-case hex digits', () => {
    fc.assert(fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), (hash) => blobHashSchema.parse(hash) === hash))
  })

  it.each(['', 'a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), 'g'.repeat(64)])('refuse %j', (bad) => {
    expect(blobHashSchema.safeParse(bad).success).toBe(false)
  })
})
