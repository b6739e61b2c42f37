import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineProtocol, type MessageOf } from '../../protocols/define.ts'
import { InvalidError } from '../../protocols/errors.ts'
import { failure } from '../../protocols/failure.ts'

const empty = z.object({})
const refusal = expect.objectContaining({ code: 'invalid.protocol' })
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/)

describe('defineProtocol', () => {
  const greeting = defineProtocol(
    'greeting',
    2,
    { hello: z.object({ name: z.string() }), welcome: empty },
    { hello: ['welcome', 'run.result'] },
  )

  it('calls a message by its protocol and its own name', () => {
    expect(greeting.messages.hello.type).toBe('greeting.hello')
    expectTypeOf(greeting.messages.hello.type).toEqualTypeOf<'greeting.hello'>()
  })

  it('calls a message named like its protocol by that name alone', () => {
    expect(failure.messages.failure.type).toBe('failure')
    expectTypeOf(failure.messages.failure.type).toEqualTypeOf<'failure'>()
  })

  it('tells a message by its type and its body', () => {
    type Message = MessageOf<(typeof greeting.messages)[keyof typeof greeting.messages]>
    expectTypeOf<Message>().toEqualTypeOf<
      | { readonly type: 'greeting.hello'; readonly body: { name: string } }
      | { readonly type: 'greeting.welcome'; readonly body: Record<string, never> }
    >()
  })

  it('gives every message the name and version of its protocol', () => {
    for (const definition of Object.values(greeting.messages)) {
      expect(definition).toMatchObject({ protocol: 'greeting', version: 2 })
    }
  })

  it('completes the answers of its own and keeps those of another protocol', () => {
    expect(greeting.messages.hello.answeredBy).toEqual(['greeting.welcome', 'run.result'])
  })

  it('expects no answer to what none is declared for', () => {
    expect(greeting.messages.welcome.answeredBy).toEqual([])
  })

  it('refuses an answer that the protocol does not have, and quotes it', () => {
    const define = (answer: string) => () =>
      defineProtocol('greeting', 1, { hello: empty }, { hello: [answer] })
    expect(define('welcom')).toThrow(refusal)
    expect(define('welcom')).toThrow(/"greeting\.hello" is answered by "welcom"/)
  })

  it('refuses answers that only every object has', () => {
    expect(() => defineProtocol('greeting', 1, { hello: empty }, { hello: ['constructor'] })).toThrow(refusal)
  })

  it.each(['', 'Hello', '1st', 'a.b', 'a b', '-a', 'a_b', 'é'])('refuses "%s" as a name', (bad) => {
    expect(() => defineProtocol(bad, 1, { hello: empty })).toThrow(refusal)
    expect(() => defineProtocol('greeting', 1, { [bad]: empty })).toThrow(InvalidError)
    expect(() => defineProtocol('greeting', 1, { [bad]: empty })).toThrow(`"${bad}"`)
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d as a version', (version) => {
    expect(() => defineProtocol('greeting', version, { hello: empty })).toThrow(refusal)
  })

  it('gives each message of a protocol a type of its own, whatever it is called', () => {
    fc.assert(
      fc.property(name, fc.uniqueArray(name, { minLength: 1 }), (protocol, messages) => {
        const bodies = Object.fromEntries(messages.map((message) => [message, empty]))
        const types = Object.values(defineProtocol(protocol, 1, bodies).messages).map(({ type }) => type)
        expect(new Set(types).size).toBe(messages.length)
        for (const type of types) expect(type.split('.')[0]).toBe(protocol)
      }),
      { examples: [['greeting', ['constructor']]] },
    )
  })
})
