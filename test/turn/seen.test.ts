import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conversationId, messageId, runId } from '../../protocols/ids.ts'
import { hasSeen, type Seen, withSeen } from '../../src/turn/seen.ts'

const run = runId('r1')
const here = conversationId(run, 'here')
const from = (sender: string, number: number) => messageId(conversationId(run, sender), here, number)

const numbers = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 })

describe('the seen set', () => {
  it('holds exactly what was put in, in whatever order and however often', () => {
    fc.assert(
      fc.property(numbers, (put) => {
        const seen = put.reduce<Seen>((set, number) => withSeen(set, from('a', number)), {})
        for (let number = 1; number <= 13; number++) {
          expect(hasSeen(seen, from('a', number))).toBe(put.includes(number))
          expect(hasSeen(seen, from('b', number))).toBe(false)
        }
      }),
    )
  })

  it('is as small for a thousand messages without a gap as for one', () => {
    let seen: Seen = {}
    for (let number = 1_000; number >= 1; number--) seen = withSeen(seen, from('a', number))
    expect(seen).toEqual({ 'r1/a': { upTo: 1_000, above: [] } })
  })

  it('is the same for the same messages, whatever their order', () => {
    fc.assert(
      fc.property(numbers, (put) => {
        const inOrder = (list: readonly number[]) =>
          list.reduce<Seen>((set, number) => withSeen(set, from('a', number)), {})
        expect(inOrder([...put].reverse())).toEqual(inOrder(put))
      }),
    )
  })
})
