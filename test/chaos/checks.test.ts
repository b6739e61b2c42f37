/** The checks of `npm run chaos`, tried on what they are there to find: one that finds nothing shows nothing. */
import { describe, expect, it } from 'vitest'
import { checkModelCalls } from '../../chaos/checks/model-calls.ts'
import { checkPauses } from '../../chaos/checks/pauses.ts'
import { checkProgress } from '../../chaos/checks/progress.ts'
import { checkDeadLetters, checkRecords } from '../../chaos/checks/records.ts'
import { checkStrikes } from '../../chaos/checks/strikes.ts'
import type { Child } from '../../chaos/children.ts'
import type { Crew } from '../../chaos/crew.ts'
import { FLIGHTS } from '../../chaos/flights.ts'
import type { Flown } from '../../chaos/flown.ts'
import type { Commit } from '../../chaos/journal.ts'
import { peerId } from '../../protocols/ids.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import { CONVERSATION, commit, RESUMED, RUN, resumedUntil } from './commits.ts'

const checksIn = (findings: readonly { readonly check: string }[]) => findings.map(({ check }) => check)

describe('the ledger of model calls', () => {
  const paid = [
    { spanId: 'span-a', at: 110 },
    { spanId: 'span-a', at: 210 },
    { spanId: 'span-b', at: 310 },
  ]
  const check = (requests: typeof paid) => checksIn(checkModelCalls(requests, [RESUMED]))

  it('allows a call that was lost with its process to be made again', () => {
    expect(check(paid)).toEqual([])
  })

  it('finds a recorded answer that is bought again', () => {
    expect(check([...paid.slice(1), { spanId: 'span-a', at: 301 }])).toEqual([
      'no recorded answer is bought again',
    ])
  })

  it('finds a call that is made more often than it was started', () => {
    expect(check([...paid, { spanId: 'span-b', at: 320 }])).toEqual(['a call is made once an attempt'])
  })

  it('finds a call that no record asked for', () => {
    expect(check([...paid, { spanId: 'span-c', at: 320 }])).toEqual([
      'every request to the model was committed before',
    ])
  })

  it('finds an answer that nobody was asked for', () => {
    expect(check(paid.slice(0, 2))).toEqual(['every recorded answer was asked for'])
  })
})

const withStake = ({ record, storedAt }: Commit, stake: string): Commit => ({
  record: { ...record, stake },
  storedAt,
})

describe('the records', () => {
  it('are found well where a dead process was replaced', () => {
    expect(checkRecords(RUN, RESUMED)).toEqual([])
  })

  it('are found broken where an outcome is taken twice', () => {
    const again = commit({ at: 500, took: '2.0', pid: 2, epoch: 5 })
    expect(checksIn(checkRecords(RUN, [...RESUMED, again]))).toEqual(['the records keep T3'])
  })

  it('are found broken where an epoch goes back', () => {
    expect(checksIn(checkRecords(RUN, [...RESUMED, commit({ at: 500 })]))).toEqual(['the records keep T4'])
  })

  it('are found unfinished where something is left to do', () => {
    const [finding, ...others] = checkRecords(RUN, resumedUntil(400))
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      check: 'nothing is left to do',
      seen: expect.stringContaining(CONVERSATION),
    })
  })

  it('are found unfinished where a message is not taken', () => {
    expect(checksIn(checkRecords(RUN, resumedUntil(450)))).toEqual([
      'nothing is left to do',
      'no message is lost',
    ])
  })

  it('are found broken where stake comes from nowhere', () => {
    const richer = commit({ at: 500, stake: '1p5', pid: 2, epoch: 5 })
    expect(checksIn(checkRecords(RUN, [...RESUMED, richer]))).toEqual(['the records keep R1'])
  })

  it('are found broken where stake is lost', () => {
    const journal = [...resumedUntil(450), withStake(RESUMED.at(-1)!, '3p2')]
    expect(checksIn(checkRecords(RUN, journal))).toEqual(['the records keep R1'])
  })

  it('are found broken where somebody works without stake', () => {
    const [first, second, ...rest] = RESUMED
    const journal = [withStake(first!, '1p0'), withStake(second!, '0p0'), ...rest]
    expect(checksIn(checkRecords(RUN, journal))).toContain('the records keep R2')
  })
})

describe('a process that slept', () => {
  const now = AbortSignal.abort()
  const slept = (pid: number, says: string) => {
    const child = {
      name: 'worker.1',
      pid,
      said: [says],
      says: async (text: string) => {
        if (!says.includes(text)) throw new Error('it never said so')
      },
    } as unknown as Child
    return [{ child, epochs: [1, 5], resumedAt: 350, line: 0 }]
  }
  const saysSo =
    '"worker-1" was lost to another process, or its lease ran out; nothing was published since. Going on'

  it('is found well where it says what it lost and commits nothing more', async () => {
    expect(await checkPauses(slept(1, saysSo), [RESUMED], new AbortController().signal)).toEqual([])
  })

  it('is found out where it commits under its old epoch', async () => {
    const findings = await checkPauses(slept(2, saysSo), [RESUMED], new AbortController().signal)
    expect(checksIn(findings)).toEqual(['a process that slept publishes nothing'])
  })

  it('is found out where it says nothing', async () => {
    expect(checksIn(await checkPauses(slept(1, 'ready'), [RESUMED], now))).toEqual([
      'a process that slept says that it lost its name',
    ])
  })
})

describe('a run', () => {
  it('is found slow where nothing happens for longer than the bound', () => {
    const journal = [commit({ at: 1_000 }), commit({ at: 2_000 }), commit({ at: 27_000 })]
    expect(checkProgress(RUN, journal, 10)).toEqual([])
    expect(checksIn(checkProgress(RUN, journal, 4))).toEqual(['a run goes on within a bound'])
  })
})

describe('a flight', () => {
  const [, , server] = FLIGHTS
  const { kills } = server!.storm
  const crew = { kills, pauses: [], losses: [] } as unknown as Crew
  const flown = (more: object = {}) =>
    [{ run: RUN, report: { logs: null }, serversHit: 2, ...more }] as never as Flown[]
  const check = (over: Partial<Crew> = {}, runs = flown()) =>
    checksIn(checkStrikes(server!, { ...crew, ...over }, runs))

  it('is found well where all hit that was meant to', () => {
    expect(check()).toEqual([])
  })

  it('is found too mild where less was hit than was meant', () => {
    expect(check({ kills: kills - 1 })).toEqual(['processes are killed'])
    expect(check({}, flown({ serversHit: 1 }))).toEqual(['servers are ended'])
  })

  it('is found out where a run brought peers that nobody would kill', () => {
    expect(check({}, flown({ report: { logs: 'logs' } }))).toEqual([
      'a run brings no peers of its own, which nobody would kill',
    ])
  })

  it('is found out where a process ended by itself', () => {
    expect(check({ losses: [{ name: 'coder.1', end: 1 }] })).toEqual([
      'a process ends only when it is killed',
    ])
  })

  it('is found out where a message was given up', async () => {
    const bus = memoryNetwork({ clock: virtualClock(), random: seededRandom(1) }).connect('host')
    expect(await checkDeadLetters(bus)).toEqual([])
    await deadLetters(bus.records).bury(
      { headers: {}, body: new Uint8Array() },
      { reason: 'no JSON', mailbox: { kind: 'peer', peer: peerId('coder-1') }, by: peerId('coder-1'), at: 1 },
    )
    expect(await checkDeadLetters(bus)).toMatchObject([
      { check: 'no message is given up', seen: expect.stringContaining('no JSON') },
    ])
  })
})
