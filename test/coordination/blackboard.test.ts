import { describe, expect, it } from 'vitest'
import { initialTransition, transition } from 'xstate'
import { z } from 'zod'
import { runId } from '../../protocols/ids.ts'
import { question } from '../../protocols/question.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import {
  type Change,
  changeEntry,
  defineBoard,
  entryHistory,
  readBoard,
  readEntry,
} from '../../src/coordination/blackboard.ts'
import {
  type BoardContext,
  boardChange,
  entryRead,
  entryWritten,
} from '../../src/coordination/blackboard-states.ts'
import { boardTools } from '../../src/coordination/blackboard-tools.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { realWork } from '../../src/simulation/real-work.ts'
import { withRememberedTools } from '../../src/simulation/remembered-tools.ts'
import { type Simulation, simulate } from '../../src/simulation/world.ts'
import { seededRandom, systemRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { faultsOf, settled } from '../bus/memory/virtual.ts'
import { aBus, aContext } from '../tools/workspace.ts'
import { countingFlock, totalIn } from './counting.ts'

const run = runId('r1')
const notes = defineBoard('notes', z.object({ text: z.string() }))

function aBoard() {
  const { records } = aBus()
  const change = (by: string, text: string, revision: number, more: Partial<Change<{ text: string }>> = {}) =>
    changeEntry(records, notes, { run, key: 'a', value: { text }, revision, by, call: '1.0', ...more })
  return {
    records,
    change,
    read: () => readEntry(records, notes, run, 'a'),
    texts: async () => (await entryHistory(records, notes, run, 'a')).map(({ value }) => value!.text),
  }
}

describe('an entry of a blackboard', () => {
  it('is blank before anybody writes it, and then says who wrote it', async () => {
    const { change, read } = aBoard()
    expect(await read()).toEqual({ key: 'a', value: null, revision: 0, by: null })
    const written = await change('ann', 'one', 0)
    expect(await read()).toEqual({
      ...{ key: 'a', value: { text: 'one' }, by: 'ann' },
      revision: written.kind === 'written' && written.revision,
    })
  })

  it('is not changed by who has not seen it as it is: he gets it, and decides again (BB1, BB3)', async () => {
    const { change, read, texts } = aBoard()
    await change('ann', 'one', 0)
    const outcome = await change('bob', 'two', 0)
    expect(outcome).toEqual({ kind: 'conflict', current: await read() })
    await change('bob', 'two', (await read()).revision)
    expect(await texts()).toEqual(['one', 'two'])
  })

  it('takes a change once, though it is made again after others have changed it (BB2)', async () => {
    const { change, read, texts } = aBoard()
    const first = await change('ann', 'one', 0)
    expect(await change('ann', 'one', 0)).toEqual(first)
    await change('bob', 'two', (await read()).revision)
    await change('cid', 'three', (await read()).revision)
    expect(await change('ann', 'one', 0)).toEqual(first)
    expect(await texts()).toEqual(['one', 'two', 'three'])
  })

  it('tells the calls of one agent, and the agents of one call, apart', async () => {
    const { change, texts } = aBoard()
    await change('ann', 'one', 0)
    expect(await change('ann', 'one', 0, { call: '2.0' })).toMatchObject({ kind: 'conflict' })
    expect(await change('bob', 'one', 0)).toMatchObject({ kind: 'conflict' })
    expect(await texts()).toEqual(['one'])
  })

  it('is not changed at a revision that it never had', async () => {
    const { change, read } = aBoard()
    expect(await change('ann', 'one', 7)).toEqual({ kind: 'conflict', current: await read() })
  })

  it('stands beside others, which are listed by key', async () => {
    const { records, change } = aBoard()
    await change('ann', 'one', 0, { key: 'b' })
    await change('bob', 'two', 0)
    await changeEntry(records, defineBoard('notes-2', notes.entry), {
      ...{ run, key: 'c', value: { text: '' }, revision: 0, by: 'ann', call: '1.0' },
    })
    const posted = await readBoard(records, notes, run)
    expect(posted.map(({ key, by }) => [key, by])).toEqual([
      ['a', 'bob'],
      ['b', 'ann'],
    ])
  })

  it('that does not fit its board is refused when it is read', async () => {
    const { records, change } = aBoard()
    await change('ann', 'one', 0)
    const other = defineBoard('notes', z.object({ text: z.number() }))
    await expect(readEntry(records, other, run, 'a')).rejects.toMatchObject({ code: 'invalid.board' })
  })

  it('wants a board with a name', () => {
    expect(() => defineBoard('No board', z.string())).toThrow(/cannot name a board/)
  })
})

describe('a write that is not answered', () => {
  it('is looked up, and applied once (BB2)', async () => {
    const clock = virtualClock()
    const faults = faultsOf('records.append', { unanswered: true })
    const { records } = memoryNetwork({ clock, random: seededRandom(1), faults }).connect('test')
    const change = { run, key: 'a', value: { text: 'one' }, revision: 0, by: 'ann', call: '1.0' }
    const written = await settled(clock, changeEntry(records, notes, change))
    expect(written).toMatchObject({ kind: 'written' })
    expect(await entryHistory(records, notes, run, 'a')).toHaveLength(1)
  })
})

describe('what a machine holds', () => {
  const entry = { key: 'a', value: 1, revision: 3, by: 'ann' }
  const held = entryRead(entry)

  it('is the entry as it was read, and after a write as it was written', () => {
    expect(held).toEqual({ entry, conflicts: 0 })
    const after = entryWritten(held, { kind: 'written', revision: 9 }, { value: 2, by: 'bob' })
    expect(after).toEqual({ entry: { key: 'a', value: 2, revision: 9, by: 'bob' }, conflicts: 0 })
  })

  it('is after a conflict what the entry is now, and how many there were in a row', () => {
    const current = { key: 'a', value: 5, revision: 7, by: 'cid' }
    const lost = entryWritten(held, { kind: 'conflict', current }, { value: 2, by: 'bob' })
    expect(lost).toEqual({ entry: current, conflicts: 1 })
    expect(entryWritten(lost, { kind: 'conflict', current: entry }, { value: 2, by: 'bob' }).conflicts).toBe(
      2,
    )
    expect(entryRead(entry).conflicts).toBe(0)
  })
})

describe('a machine that thinks of what it read', () => {
  const append = boardChange(notes, { key: 'a', change: () => ({ text: 'mine' }), conflictsLimit: 1 })
  const machine = roleSetup<BoardContext<typeof notes>, typeof question.messages.ask, never>(
    [],
  ).createMachine({
    context: ({ input }) => ({ ...newAgent(input), ...append.none }),
    initial: 'readingEntry',
    states: {
      ...append.states({ thinks: 'thinking', written: 'written', left: 'written', gaveUp: 'gaveUp' }),
      thinking: { on: { failure: 'changingEntry' } },
      written: {},
      gaveUp: {},
    },
  })
  const entry = { key: 'a', value: { text: 'theirs' }, revision: 3, by: 'ann' }
  const ended = (effect: string, output: unknown) => ({
    ...{ type: `xstate.done.actor.${effect}`, output: { output }, actorId: effect },
  })
  const thought = { type: 'failure' }
  const conflict = ended('writeEntry', { kind: 'conflict', current: { ...entry, revision: 4 } })
  const stateAfter = (...events: readonly { readonly type: string }[]) =>
    events.reduce(
      (state, event) => transition(machine, state, event as never)[0],
      initialTransition(machine, { run, name: 'bob' } as never)[0],
    )
  const read = ended('readEntry', entry)

  it('thinks before it writes, and again after a conflict, unless there were too many', () => {
    expect(stateAfter(read).value).toBe('thinking')
    expect(stateAfter(read, thought).value).toBe('writingEntry')
    expect(stateAfter(read, thought, conflict)).toMatchObject({
      value: 'thinking',
      context: { held: { conflicts: 1, entry: { revision: 4 } } },
    })
    expect(stateAfter(read, thought, conflict, thought, conflict).value).toBe('gaveUp')
    expect(stateAfter(read, thought, ended('writeEntry', { kind: 'written', revision: 4 })).value).toBe(
      'written',
    )
  })
})

describe('the tools of a board', () => {
  it('read, write, list, and say of a conflict what the entry is', async () => {
    const context = await aContext()
    const [read, list, write] = boardTools(notes)
    expect([read, list, write].map((tool) => tool!.name)).toEqual(['read_notes', 'list_notes', 'write_notes'])
    const note = { key: 'a', value: { text: 'one' }, revision: 0 }
    const { output: written } = await write!.run(note, context)
    expect(written).toMatchObject({ kind: 'written' })
    expect((await write!.run(note, context)).output).toEqual(written)
    const { output: current } = await read!.run({ key: 'a' }, context)
    expect(current).toMatchObject({ value: { text: 'one' }, by: context.conversation })
    expect((await write!.run(note, { ...context, call: '2.0' })).output).toEqual({
      kind: 'conflict',
      current,
    })
    expect((await list!.run({}, context)).output).toMatchObject({ entries: [{ key: 'a' }] })
  })
})

describe('the simulator', () => {
  it('remembers of no tool of a board what it gave in another world', async () => {
    const [here, there] = [await aContext(), await aContext()]
    const { blobs, clock, scratch } = here
    const role = defineRole({
      ...{ name: 'scribe', description: '', instructions: '' },
      ...{ accepts: [question.messages.ask], answers: [question.messages.answer], tools: boardTools(notes) },
    })
    const world = { work: realWork(), blobs, clock, random: seededRandom(1), scratch }
    const [read, , write] = withRememberedTools(role, world).tools
    await read!.run({ key: 'a' }, there)
    await write!.run({ key: 'a', value: { text: 'one' }, revision: 0 }, here)
    expect((await read!.run({ key: 'a' }, here)).output).toMatchObject({ value: { text: 'one' } })
    expect((await read!.run({ key: 'a' }, there)).output).toMatchObject({ value: null })
  })
})

describe('in a storm, counters that raise one number', () => {
  const { storm } = PROFILES
  const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
  const wrote = ({ journal }: Simulation) =>
    journal.filter(({ took }) => took.event === 'xstate.done.actor.writeEntry')

  it.each([
    ['machines, fixed seeds', 'counter', 1, 4],
    ['machines, fresh seeds', 'counter', FRESH, Number(process.env.SEEDS ?? 1)],
    ['agents with a model, fresh seeds', 'thinker', FRESH, Number(process.env.SEEDS ?? 1)],
  ] as const)(
    'lose no raise and make none twice (BB1, BB2): %s, %s, from %d',
    { timeout: 600_000 },
    async (_, who, first, count) => {
      const flock = countingFlock(3, 4, who)
      let conflicts = 0
      let again = 0
      for (let seed = first; seed < first + count; seed++) {
        const simulation = await simulate({ seed, flock, profile: storm })
        expect(simulation.breach, `seed ${seed}`).toBeUndefined()
        expect(totalIn(simulation.output).counted).toHaveLength(3)
        conflicts += wrote(simulation).filter(({ took }) => took.to === 'writingEntry').length
        again += simulation.journal.filter(({ effects }) =>
          effects.some(({ invoke, attempt }) => invoke === 'writeEntry' && attempt > 1),
        ).length
      }
      if (first !== 1) return
      // What is to be withstood did happen.
      expect(conflicts).toBeGreaterThan(10)
      expect(again).toBeGreaterThan(0)
    },
  )
})
