import { describe, expect, it } from 'vitest'
import { assign, emit } from 'xstate'
import { behaviourOf } from '../../src/role/behaviour.ts'
import { defineRole } from '../../src/role/define.ts'
import type { Migrate } from '../../src/turn/behaviour.ts'
import { upgraded, VersionError } from '../../src/turn/upgrade.ts'
import { controlled, smith, workers, world } from './hosting.ts'
import { done, job, message, note, nothingHeard, order, parcels, play, worker } from './stage.ts'

const milk = message(order, { what: 'milk' })
const hello = message(note, { text: 'hello' }, { number: 2 })

/** Hears notes in a state `idle`; from version 2 on the state is called `resting`, and it counts. */
function listener(version: number, migrate?: Migrate) {
  const state = version === 1 ? 'idle' : 'resting'
  const machine = parcels.createMachine({
    context: nothingHeard,
    initial: state,
    states: {
      [state]: {
        on: {
          'parcel.order': { actions: assign(({ context }) => context) },
          'parcel.note': {
            actions: [
              assign(({ context, event }) => ({ heard: [...context.heard, event.body] })),
              emit({ type: 'parcel.done', body: { what: `version ${version}` } }),
            ],
          },
        },
      },
    },
  })
  return behaviourOf(
    defineRole({
      name: 'worker',
      version,
      ...(migrate && { migrate }),
      description: '',
      instructions: '',
      accepts: [order, note],
      answers: [done],
      machine: machine as never,
    }),
  )
}

const toVersion2: Migrate = ({ value, context, version }) => {
  if (version !== 1 || value !== 'idle') throw new Error(`what is ${value}?`)
  return { value: 'resting', context }
}

describe('a record of an earlier version of its machine', () => {
  it('goes on in the state that its role reads in it', async () => {
    const here = world()
    const old = await here.host({ behaviour: listener(1) })
    await here.send(milk)
    await here.settled(old.drain())
    await here.host({ behaviour: listener(2, toVersion2), epoch: 2, client: 'new' })
    await here.send(hello)
    expect((await here.journal(job)).at(-1)).toMatchObject({
      machine: { version: 2 },
      snapshot: { value: 'resting', context: { heard: [{ text: 'hello' }] } },
      problem: null,
    })
  })

  it('that cannot be read is left as it is, and its mail to whoever can read it', async () => {
    const here = world()
    const old = await here.host({ behaviour: listener(1) })
    await here.send(milk)
    await here.settled(old.drain())
    const before = await here.journal(job)
    const wrong = await here.host({ behaviour: listener(2), epoch: 2, client: 'new' })
    await here.send(hello)
    await here.pass(60_000)
    expect(await here.journal(job)).toEqual(before)
    expect(await here.letters()).toEqual([])
    expect(here.warnings).toContain('a message is left to a process of another version')
    await here.settled(wrong.drain())
    await here.host({ behaviour: listener(1), epoch: 3, client: 'old' })
    await here.pass(1_000)
    expect(
      (await here.journal(job)).map(({ machine, took }) => [machine.version, took.event]),
    ).toContainEqual([1, 'parcel.note'])
    expect(await here.outside.mailboxes.depth(workers)).toBe(0)
  })

  it('is not taken over where it cannot be read', async () => {
    const here = world()
    const { handler, calls } = controlled()
    const first = await here.host({ behaviour: smith, handlers: { tool: handler } })
    await here.send(milk)
    first.crash()
    const before = await here.journal(job)
    const next = { ...smith, machine: { ...smith.machine, version: 2 } }
    await here.host({ behaviour: next, epoch: 2, client: 'new', handlers: { tool: handler } })
    await here.pass(10_000)
    expect(await here.journal(job)).toEqual(before)
    expect(calls).toHaveLength(1)
    expect(here.warnings).toContain('a conversation is left as it is')
  })

  it.each([
    ['has no way to it', undefined, /give the role a "migrate" function/],
    [
      'throws',
      () => {
        throw new Error('never heard of it')
      },
      /"migrate" failed: never heard of it/,
    ],
    [
      'leads to a state that there is not',
      ({ context }) => ({ value: 'gone', context }),
      /"migrate" failed: .*"gone"/,
    ],
    ['leaves what no record can hold', ({ value }) => ({ value, context: { at: new Date(0) } }), /is a Date/],
  ] as [string, Migrate | undefined, RegExp][])('is refused by a role that %s', (_, migrate, text) => {
    const record = play(listener(1), { kind: 'message', message: milk })
    const refusal = () => upgraded(record, listener(2, migrate))
    expect(refusal).toThrow(VersionError)
    expect(refusal).toThrow(text)
  })

  it('is refused where it would wait for a time that nobody armed', () => {
    const record = play(listener(1), { kind: 'message', message: milk })
    const waiting = parcels.createMachine({
      id: record.machine.name,
      context: nothingHeard,
      initial: 'resting',
      states: { resting: { after: { 1000: 'over' }, on: { 'parcel.order': 'over' } }, over: {} },
    })
    const next = worker(waiting)
    const toWaiting: Migrate = ({ context }) => ({ value: 'resting', context })
    const behaviour = { ...next, machine: { ...next.machine, version: 2 }, migrate: toWaiting }
    expect(() => upgraded(record, behaviour)).toThrow(
      /waits for "xstate\.after\.1000\..*", which nobody armed/,
    )
  })

  it('is refused by an older process', () => {
    const record = play(listener(2), { kind: 'message', message: milk })
    expect(() => upgraded(record, listener(1, toVersion2))).toThrow(/start this process from the newer code/)
  })

  it('is refused where it would wait for an effect that nobody started', () => {
    const record = play(listener(1), { kind: 'message', message: milk })
    const next = { ...smith, machine: { name: record.machine.name, version: 2 } }
    const working: Migrate = ({ context }) => ({ value: 'working', context })
    expect(() => upgraded(record, { ...next, migrate: working })).toThrow(
      /invokes "tool", which nobody started/,
    )
  })
})
