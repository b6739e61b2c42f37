import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { createRegistry, UnknownMessageError } from '../../protocols/registry.ts'

const first = defineProtocol('wave', 1, { hello: z.object({ name: z.string() }), bow: z.object({}) })
const second = defineProtocol('wave', 2, { hello: z.object({ names: z.array(z.string()) }) })
const other = defineProtocol('nod', 1, { nod: z.object({}) })

function refusalOf(act: () => unknown): UnknownMessageError {
  try {
    act()
  } catch (error) {
    if (error instanceof UnknownMessageError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('createRegistry', () => {
  const registry = createRegistry([first, second, other])

  it('finds each version of a message', () => {
    expect(registry.find('wave.hello', 1)).toBe(first.messages.hello)
    expect(registry.find('wave.hello', 2)).toBe(second.messages.hello)
  })

  it('finds a message that is named like its protocol', () => {
    expect(registry.find('nod', 1)).toBe(other.messages.nod)
  })

  it('refuses an unknown version and names it and all it knows', () => {
    const error = refusalOf(() => registry.find('wave.hello', 3))
    expect(error).toMatchObject({
      code: 'invalid.unknown-version',
      type: 'wave.hello',
      version: 3,
      known: [1, 2],
    })
    expect(error.message).toMatch(/"wave\.hello" came in version 3; this peer knows 1, 2/)
  })

  it('refuses a message that a later version no longer has', () => {
    expect(refusalOf(() => registry.find('wave.bow', 2))).toMatchObject({
      code: 'invalid.unknown-version',
      known: [1],
    })
  })

  it.each(['wave', 'wave.goodbye', '', 'constructor', '__proto__'])(
    'refuses the unknown type "%s"',
    (type) => {
      const error = refusalOf(() => registry.find(type, 1))
      expect(error).toMatchObject({ code: 'invalid.unknown-type', type, known: [] })
      expect(error.message).toContain(`"${type}"`)
    },
  )

  it('takes one protocol twice', () => {
    expect(createRegistry([first, other, first]).find('wave.hello', 1)).toBe(first.messages.hello)
  })

  it('refuses two protocols that claim the same message and version', () => {
    const impostor = defineProtocol('wave', 1, { hello: z.object({}) })
    expect(() => createRegistry([first, impostor])).toThrow(
      expect.objectContaining({
        code: 'invalid.protocol',
        message: expect.stringContaining('"wave.hello" version 1'),
      }),
    )
  })

  it('finds messages that come without their protocol', () => {
    const alone = createRegistry([other], [first.messages.hello, second.messages.hello])
    expect(alone.find('wave.hello', 2)).toBe(second.messages.hello)
    expect(refusalOf(() => alone.find('wave.bow', 1)).known).toEqual([])
  })

  it('keeps the protocols it was made of', () => {
    expect(registry.protocols).toEqual([first, second, other])
  })
})
