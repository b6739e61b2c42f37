/** Runs that something befell, recorded and replayed in a world where nothing does. */
import { describe, expect, it } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { replayRun } from '../../src/flock/replay-run.ts'
import { retryLetter } from '../../src/flock/retry-letter.ts'
import { recordRun } from '../../src/recording/record-run.ts'
import { decodeRecording, encodeRecording } from '../../src/recording/recording.ts'
import { summarise } from '../../src/run/summary.ts'
import type { RunEnd } from '../../src/run/watch-run.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type SimulationOptions, simulate } from '../../src/simulation/world.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import { decodeRecord } from '../../src/turn/record.ts'
import { temporaryFolder } from '../flock/clerks.ts'
import { dispatcher, flock, runner } from '../run/flock.ts'
import { crowdedFlock, errandsFlock } from '../simulation/errands.ts'

const roles = [dispatcher, runner]

/** As it comes out of its file. */
const recorded = async (end: RunEnd, bus: Pick<Bus, 'blobs' | 'records'>) =>
  decodeRecording(encodeRecording(await recordRun({ end, bus, skein: 'test', now: 0 })))

async function expectSame(end: RunEnd, bus: Pick<Bus, 'blobs' | 'records'>): Promise<ReadonlySet<string>> {
  const recording = await recorded(end, bus)
  const again = await replayRun(recording, { roles, stateDir: await temporaryFolder() })
  const { outcome, reason } = end.record
  expect(again).toMatchObject({ outcome, reason, messages: summarise(end.journal).messages })
  return new Set(recording.turns.map(({ input }) => input.kind))
}

describe('a replay of a run comes out as it did', () => {
  const { storm, none } = PROFILES
  it.each<[string, string, number, Partial<SimulationOptions>]>([
    ['whose mailboxes were full', 'unsent', 1, { flock: crowdedFlock(), profile: none, mailboxCapacity: 1 }],
    ['in a storm', 'outcome', 1, { profile: storm }],
    ['that was cancelled, and heard of one after another', 'message', 3, { profile: storm, cancelAt: 4_000 }],
    ['that was late by a clock that was wrong', 'overdue', 3, { profile: storm, deadlineMs: 9_000 }],
  ])('%s', async (_, took, seed, world) => {
    const { journal, record } = await simulate({ seed, flock: errandsFlock(), profile: none, ...world })
    const empty = memoryNetwork({ clock: virtualClock(), random: seededRandom(1) }).connect('empty')
    expect(await expectSame({ record, journal } as RunEnd, empty), `seed ${seed}`).toContain(took)
  })
})

describe('a message that was given up', () => {
  /** A run one of whose errands nobody can begin. */
  async function failing(meanwhile: (bus: Bus) => Promise<void> = async () => {}) {
    const { host, start, settled, process, pass, submitter } = flock()
    const { bus } = submitter.ports
    const broken = process('broken').ports.bus
    const append: Bus['records']['append'] = async (key, value, expected) => {
      const isErrand = key === 'conversation.r1.errand-0' && decodeRecord(value).took.event === 'errands.go'
      if (isErrand && decodeRecord(value).took.input?.kind === 'message') throw new Error('it does not fit')
      return broken.records.append(key, value, expected)
    }
    await host(
      'one',
      roles.map((role) => ({ role })),
      { bus: { ...broken, records: { ...broken.records, append } } },
    )
    const running = start()
    await pass(10_000)
    await settled(meanwhile(bus))
    return { end: await settled(running), bus, clock: submitter.ports.clock }
  }

  it('is given up again', async () => {
    const { end, bus } = await failing()
    expect(await expectSame(end, bus)).toContain('given-up')
  })

  it('and sent again from outside, keeps its run from being replayed, and the recording says so', async () => {
    const { end, bus } = await failing(async (bus) => {
      const [letter] = await deadLetters(bus.records).list()
      await retryLetter(letter!, { bus, clock: virtualClock() })
    })
    const recording = await recorded(end, bus)
    expect(recording.header.unreplayable).toMatch(/errand-0 took ".*", which came from outside/)
    await expect(replayRun(recording, { roles: [] })).rejects.toMatchObject({
      code: 'recording.unreplayable',
      message: expect.stringContaining('which came from outside'),
    })
  })
})
