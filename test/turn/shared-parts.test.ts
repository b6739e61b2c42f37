import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { behaviourOf } from '../../src/role/behaviour.ts'
import { defineRole } from '../../src/role/define.ts'
import { defineTool } from '../../src/tools/tool.ts'
import type { EffectHandler } from '../../src/turn/effects.ts'
import { type ConversationRecord, decodeRecord, encodeRecord } from '../../src/turn/record.ts'
import { sharing, withParts } from '../../src/turn/shared-parts.ts'
import { quiet } from '../bus/memory/virtual.ts'
import { world } from './hosting.ts'
import { done, message, notes, nothingHeard, order, parcels, play, worker } from './stage.ts'

const MIB = 2 ** 20

const listener = worker(
  parcels.createMachine({ context: nothingHeard, on: { 'parcel.note': { actions: 'hear' } } }),
)
const plain = play(listener, notes('hello'))
const file = 'goose '.repeat(40_000)
const output = { text: file, lines: Array.from({ length: 50 }, (_, line) => `line ${line} of it`) }

/** A record with a large outcome, which stands in it as what it took and as what its machine has heard. */
const large: ConversationRecord = {
  ...plain,
  snapshot: { ...plain.snapshot!, context: { heard: [{ output }, 'x'] } },
  took: { ...plain.took, input: { kind: 'outcome', result: { ok: true, output: { output } } } },
}

const written = (record: ConversationRecord) => Buffer.from(encodeRecord(record)).toString()

describe('a record', () => {
  it('is written once, whatever in it is large, and read as it was', () => {
    const text = written(large)
    expect(text.length).toBeLessThan(1.1 * JSON.stringify(output).length)
    expect(text).toMatch(/^{"format":2,"conversation":"/)
    expect(decodeRecord(Buffer.from(text))).toEqual(large)
  })

  it('that is small, or has nothing twice, is written as ever', () => {
    const once = { ...large, took: plain.took }
    for (const record of [plain, once]) expect(written(record)).toBe(JSON.stringify(record))
  })

  it('of before is read, however large', () => {
    expect(decodeRecord(Buffer.from(JSON.stringify(large)))).toEqual(large)
  })

  it('whose parts are not there is refused', () => {
    const torn = written(large).replace(/"parts":\[.*/s, '"parts":[]}')
    expect(() => decodeRecord(Buffer.from(torn))).toThrow(/record of a conversation/)
  })

  it('that is nested deeper than anybody needs is written as ever, and read', () => {
    const nested = (levels: number): unknown =>
      Array.from({ length: levels }).reduce((inner) => [inner], 'honk '.repeat(20_000))
    const record = { ...large, output: nested(2_700) }
    expect(written(record) === JSON.stringify(record)).toBe(true)
    expect(decodeRecord(encodeRecord(record)).conversation).toBe(record.conversation)
    expect(written({ ...large, output: nested(20) })).toMatch(/^{"format":2,/)
  })

  it('with a field that is called like a part is written as ever', () => {
    const record = { ...large, output: { $part: 0 } }
    expect(written(record)).toBe(JSON.stringify(record))
  })
})

describe('any JSON', () => {
  it('comes to the same, whatever is in it how often', () => {
    const leaf = fc.constantFrom<unknown>(
      'a'.repeat(1_500),
      'b'.repeat(3_000),
      'c',
      1,
      null,
      undefined,
      'é"\\'.repeat(700),
    )
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('x', 'y', '__proto__', 'parts'), tie('value'), { maxKeys: 3 }),
      ),
    }))
    let gained = 0
    fc.assert(
      fc.property(fc.array(value, { minLength: 3, maxLength: 8 }), (some) => {
        const whole = [...some, ...some, 'z'.repeat(20_000)]
        const json = JSON.stringify(whole)
        const shared = sharing(whole, json)
        if (shared === undefined) return
        gained++
        const parts = shared.parts.map((part) => JSON.parse(part))
        expect(JSON.stringify(withParts(JSON.parse(shared.json), parts))).toBe(json)
      }),
      { numRuns: 300 },
    )
    expect(gained).toBeGreaterThan(20)
  })
})

describe('an agent whose tool gives a lot', () => {
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    input: z.object({}),
    output: z.object({ text: z.string() }),
    run: async () => ({ output: { text: '' } }),
  })
  const role = defineRole({
    name: 'worker',
    description: 'Looks things up',
    instructions: 'Look it up.',
    accepts: [order],
    answers: [done],
    tools: [look],
  })
  const reply = { kind: 'reply', text: '', finish: 'stop', model: 'goose-1' }
  const handler = (run: EffectHandler['run']): EffectHandler => ({
    describe: () => ({ name: 'e', kind: 'internal', attributes: {} }),
    repeatable: () => true,
    timeoutMs: () => 1_000,
    run,
  })

  /** What its records weigh, in bytes, and what it answered. */
  async function worked(chars: number) {
    const { host, send, answers, outside, settled } = world(undefined, { maxPayloadBytes: MIB })
    const answered = { type: done.type, body: { what: 'it' } }
    const replies = [
      { ...reply, calls: [{ id: 'c1', tool: 'look', input: {} }] },
      { ...reply, calls: [], answer: answered },
    ]
    const chat = handler(async () => ({ output: replies.shift() }))
    const tool = handler(async () => ({ output: { output: { text: 'x'.repeat(chars) } } }))
    await host({ behaviour: behaviourOf(role), handlers: { chat, tool } })
    await send(message(order, { what: 'milk' }))
    for (let turns = 0; turns < 6; turns++) await quiet()
    const journal = await settled(outside.records.history('conversation'))
    return { answers: await answers(), weights: journal.map(({ value }) => value.length) }
  }

  it('has it once in each of its records', async () => {
    const { answers, weights } = await worked(200_000)
    expect(answers).toMatchObject([{ type: 'parcel.done' }])
    expect(Math.max(...weights)).toBeLessThan(210_000)
  })

  it('goes on with what would not fit into a record twice', async () => {
    expect((await worked(700_000)).answers).toMatchObject([{ type: 'parcel.done' }])
  })
})
