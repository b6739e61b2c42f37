import { beforeAll, describe, expect, it } from 'vitest'
import { type AnyStateMachine, assign, createMachine, emit } from 'xstate'
import type { Bus } from '../../src/bus/bus.ts'
import { checkHistory } from '../../src/history/check.ts'
import { type RunHistory, readHistory } from '../../src/history/history.ts'
import { viewOfStep } from '../../src/history/step-view.ts'
import { stepsOf } from '../../src/history/steps.ts'
import type { Role } from '../../src/role/define.ts'
import { readRun } from '../../src/run/run-record.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { dispatcher, flock, run, runner } from '../run/flock.ts'
import { errandsFlock } from '../simulation/errands.ts'

const roles = [dispatcher, runner]
const both = roles.map((role) => ({ role }))

/** The history of a whole run. */
let flown: RunHistory
beforeAll(async () => {
  const { record, journal } = await simulate({ seed: 1, flock: errandsFlock(), profile: PROFILES.none })
  flown = { run: record!, journal, unreadable: 0 }
})

type States = Readonly<Record<string, object>>
/** The runner with a machine that somebody has changed. */
const changed = (change: (config: { readonly states: States }) => object): Role => {
  const machine = runner.machine as AnyStateMachine
  const config = machine.config as unknown as { readonly states: States }
  return {
    ...runner,
    machine: createMachine({ ...config, ...change(config) } as never, machine.implementations),
  }
}
const firstOf = ({
  conversation,
  turn,
  role,
  differences,
  turns,
}: ReturnType<typeof checkHistory>['diverging'][number]) => ({
  ...{ conversation, turn, role, turns },
  first: differences[0],
})

describe('the turns of a run', () => {
  it('are all as recorded with the machines that took them', async () => {
    const history = flown
    const { turns, conversations, same, diverging, unchecked } = checkHistory(history, roles)
    expect({ diverging, unchecked, conversations }).toEqual({
      diverging: [],
      unchecked: [],
      conversations: 5,
    })
    expect(same).toBe(turns)
    expect(turns).toBeGreaterThan(30)
  })

  it('come one after what led to them', async () => {
    const sent = new Set<string>()
    for (const { number, record, message, input } of stepsOf(flown)) {
      if (number > 1 && input !== undefined && 'message' in input && message !== undefined)
        expect(sent).toContain(message.id)
      for (const { message: out } of record.outbox) sent.add(out.id)
    }
    expect(sent.size).toBeGreaterThan(10)
  })

  it('are checked as far as a run has come that is not over', async () => {
    const { host, start, settled, pass, submitter } = flock()
    await host('one', both)
    const running = start()
    await pass(2_000)
    const history = await settled(readHistory(submitter.ports.bus, run))
    expect(history.run.state).toBe('open')
    expect(checkHistory(history, roles)).toMatchObject({ diverging: [], unchecked: [] })
    await settled(running)
  })

  it('are as recorded where a process was killed and another went on', async () => {
    const { host, start, settled, pass, submitter } = flock()
    const first = await host('first', both)
    const running = start()
    await pass(1_000)
    first.die()
    await pass(15_000) // until the leases ran out
    await host('second', both)
    await settled(running)
    const history = await settled(readHistory(submitter.ports.bus, run))
    const takeovers = [...stepsOf(history)].filter(({ kind }) => kind === 'takeover').map(viewOfStep)
    expect(takeovers.map(({ before, host }) => [before?.host, host])).toContainEqual(['first', 'second'])
    expect(checkHistory(history, roles)).toMatchObject({ diverging: [], unchecked: [] })
  })

  it.each([
    ['fixed seeds', 1, 3],
    ['a fresh seed', Math.floor(systemRandom().next() * 1_000_000_000), 1],
  ])('are as recorded whatever befell the run: %s, from %d', { timeout: 60_000 }, async (_, first, count) => {
    const { crew } = errandsFlock()
    for (let seed = first; seed < first + count; seed++) {
      const { journal, record } = await simulate({ seed, flock: errandsFlock(), profile: PROFILES.storm })
      const { turns, ...check } = checkHistory(
        { run: record!, journal, unreadable: 0 },
        crew.map(({ role }) => role),
      )
      expect(check, `seed ${seed}`).toMatchObject({ same: turns, diverging: [], unchecked: [] })
    }
  })
})

describe('a machine that was changed', () => {
  it('differs where it goes to another state', async () => {
    const lazy = changed(({ states }) => ({
      states: { ...states, waiting: { on: { 'errands.go': { target: 'checking' } } } },
    }))
    const { diverging } = checkHistory(flown, [dispatcher, lazy])
    expect(diverging.map(firstOf)).toMatchObject(
      [0, 1, 2].map((errand) => ({
        ...{ conversation: `sim/errand-${errand}`, role: 'runner', turn: 1, turns: 1 },
        first: { what: 'state', recorded: 'thinking', now: 'checking' },
      })),
    )
  })

  it('differs where it says something else', async () => {
    const rude = changed(({ states }) => ({
      states: {
        ...states,
        answered: { type: 'final', entry: emit({ type: 'errands.back', body: { brought: 'nothing' } }) },
      },
    }))
    const history = flown
    const { diverging } = checkHistory(history, [dispatcher, rude])
    const first = diverging.find(({ conversation }) => conversation === 'sim/errand-0')
    const at = [...stepsOf(history)].find(({ number }) => number === first!.number)!
    expect(viewOfStep(at)).toMatchObject({
      conversation: 'errand-0',
      to: 'done',
      sent: [{ type: 'errands.back' }],
    })
    expect(first!.differences).toEqual([
      { what: 'message', path: '1 errands.back.body.brought', recorded: 'milk! more milk!', now: 'nothing' },
    ])
  })

  it('differs where it keeps something else, in that turn and in no other', async () => {
    const original = (runner.machine.config as { context: (given: object) => object }).context
    const moody = changed(() => ({ context: (given: object) => ({ ...original(given), mood: 'good' }) }))
    const [first] = checkHistory(flown, [dispatcher, moody]).diverging
    expect(first && firstOf(first)).toMatchObject({
      ...{ turn: 1, turns: 1 },
      first: { what: 'context', path: 'mood', recorded: undefined, now: 'good' },
    })
  })

  it('differs where it waits for something else', async () => {
    const slow = changed(({ states }) => ({
      states: { ...states, checking: { ...states.checking, after: { 1000: 'failed' } } },
    }))
    const { diverging } = checkHistory(flown, [dispatcher, slow])
    expect(diverging.flatMap(({ differences }) => differences.map(({ what }) => what))).toContain('timer')
  })

  it('differs where it fails', async () => {
    const broken = changed(({ states }) => ({
      states: {
        ...states,
        waiting: {
          on: {
            'errands.go': {
              target: 'thinking',
              actions: assign(() => {
                throw new Error('oh no')
              }),
            },
          },
        },
      },
    }))
    const [first] = checkHistory(flown, [dispatcher, broken]).diverging
    expect(first!.differences.slice(0, 2)).toMatchObject([
      { what: 'state', now: 'failed' },
      { what: 'problem', recorded: null, now: expect.stringContaining('oh no') },
    ])
  })
})

describe('what cannot be checked is said', () => {
  it('of a role that is not at hand', async () => {
    const { unchecked, diverging, same, turns } = checkHistory(flown, [dispatcher])
    expect(diverging).toEqual([])
    expect(unchecked).toEqual([{ why: 'role "runner" is not at hand', turns: turns - same }])
  })

  it('of another version of a machine, unless it is to be taken for this one', async () => {
    const history = flown
    const newer = [dispatcher, { ...runner, version: 2 }]
    const [one] = checkHistory(history, newer).unchecked
    expect(one?.why).toBe('machine "runner" was at version 1, and is at 2 here')
    expect(checkHistory(history, newer, { anyVersion: true })).toMatchObject({ unchecked: [], diverging: [] })
  })

  it('of records that are gone', async () => {
    const { journal } = flown
    const lost = journal.findIndex(({ conversation, turn }) => conversation === 'sim/errand-1' && turn === 3)
    const { unchecked } = checkHistory({ ...flown, journal: journal.toSpliced(lost, 1) }, roles)
    expect(unchecked).toEqual([{ why: 'the record before it is gone', turns: 1 }])
  })
})

describe('the history of a run', () => {
  const at = (history: { readonly records: Bus['records'] }) => readHistory(history, run)

  it('is none where nobody knows the run, or its journal was removed', async () => {
    const { host, start, settled, submitter } = flock()
    const { bus } = submitter.ports
    await expect(settled(at(bus))).rejects.toMatchObject({ code: 'history.no-run' })
    await host('one', both)
    await settled(start())
    await settled(bus.records.purge(`conversation.${run}`))
    expect((await settled(readRun(bus.records, run)))?.record.state).toBe('over')
    await expect(settled(at(bus))).rejects.toMatchObject({ code: 'history.no-journal' })
  })

  it('says what it cannot read', async () => {
    const { host, start, settled, submitter } = flock()
    const { bus } = submitter.ports
    await host('one', both)
    await settled(start())
    await settled(bus.records.append(`conversation.${run}.stray`, new TextEncoder().encode('{}'), 0))
    expect(await settled(at(bus))).toMatchObject({ unreadable: 1 })
  })
})
