import { describe, expect, it } from 'vitest'
import type { Behaviour } from '../../src/turn/behaviour.ts'
import { decodeRecord, encodeRecord } from '../../src/turn/record.ts'
import { smith as plain } from './hosting.ts'
import { notes, orders, outcome, play, said, turn } from './stage.ts'

/** A smith whose tools wait for a nod; and one who waits where the run wants it. */
const smith: Behaviour = { ...plain, gate: () => ({ src: 'nod', input: 'may I?' }) }
const wishful: Behaviour = {
  ...plain,
  gate: ({ src }, approve) => (approve.includes(src) ? { src: 'nod', input: null } : undefined),
}
const nodded = { output: { by: 'jo' } }

describe('an effect that has to wait for another', () => {
  const waiting = play(smith, orders('sword'))

  it('has that one in its place', () => {
    expect(waiting.effects).toMatchObject([
      { name: '1.0', invoke: 'tool', src: 'nod', input: 'may I?', next: { src: 'tool' } },
    ])
  })

  it('fails its conversation and nothing else where nobody can say whether it has to', () => {
    const unsure: Behaviour = {
      ...plain,
      gate: () => {
        throw new Error('no idea')
      },
    }
    expect(play(unsure, orders('sword'))).toMatchObject({
      phase: 'closed',
      problem: 'role "worker" cannot say whether its effect "tool" has to wait: no idea',
    })
  })

  it('starts when that has ended well, with what came of it; its machine stays where it was', () => {
    const record = turn(smith, waiting, outcome(waiting, nodded))
    expect(record.effects).toMatchObject([
      {
        ...{ name: '2.0', invoke: 'tool', src: 'tool', attempt: 1 },
        input: { tool: 'hammer', said: { by: 'jo' } },
      },
    ])
    expect(record.effects[0]).not.toHaveProperty('next')
    expect(record.took).toMatchObject({ event: 'nod.passed', from: 'working', to: 'working', id: '1.0' })
    expect(record.usage.tools).toBe(0)
    expect(said(turn(smith, record, outcome(record, { output: 1 })))).toEqual([
      ['parcel.done', { what: 'it' }],
    ])
  })

  it('does not start when that fails: its machine is told as if it had failed itself', () => {
    const record = turn(smith, waiting, outcome(waiting, { error: 'no' }))
    expect(record.effects).toEqual([])
    expect(said(record)).toMatchObject([['failure', { reason: 'test.broke' }]])
  })

  it('waits on where a message changes nothing of it', () => {
    expect(turn(smith, waiting, notes('hurry', { number: 2 })).effects).toEqual(waiting.effects)
  })

  it('is read from a record as it was written', () => {
    expect(decodeRecord(encodeRecord(waiting)).effects).toEqual(waiting.effects)
  })

  it('waits only in a run that wants it', () => {
    const at = (approve?: readonly string[]) =>
      turn(wishful, undefined, orders('sword'), { approve }).effects.map(({ src }) => src)
    expect([at(), at(['chat']), at(['tool'])]).toEqual([['tool'], ['tool'], ['nod']])
  })
})
