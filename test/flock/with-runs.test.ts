import { describe, expect, it } from 'vitest'
import { peerId, roleName, runId } from '../../protocols/ids.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { outliveRuns } from '../../src/flock/with-runs.ts'
import { encodeRun, type RunRecord } from '../../src/run/run-record.ts'
import { drainMicrotasks } from '../../src/time/microtasks.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'

const runRecord = (run: string, state: RunRecord['state']): RunRecord => ({
  ...{ format: 1, run: runId(run), goal: '', origin: peerId(`origin-${run}`), state, model: 'offline' },
  ...{ base: null, documents: null, workspace: null, limits: null, prices: null, sampled: false },
  start: {
    role: roleName('clerk'),
    message: { type: 'a.b', protocol: 'a', version: 1, answeredBy: ['a.c'] },
    answers: [],
  },
  ...{ startedAt: 0, deadline: 600_000, outcome: null, reason: null },
  ...{ endingAt: null, endedAt: null, writtenOff: null },
  root: { spanId: '' } as RunRecord['root'],
})

/** Peers that live with the runs, in virtual time: when do they leave? */
function living(busy = 0, isServerGone?: () => Promise<boolean>) {
  const clock = virtualClock()
  const network = memoryNetwork({ clock, random: seededRandom(1) })
  const bus = network.connect('peers')
  const retired: boolean[] = []
  const letGo = new AbortController()
  const hosted = {
    load: () => ({ conversations: busy, busy }),
    retire: (leaving: boolean) => void retired.push(leaving),
  }
  let leftAt: number | undefined
  const signal = new AbortController().signal
  void outliveRuns({
    ...{ bus, clock, hosted, letGo: letGo.signal, signal },
    ...(isServerGone && { isServerGone }),
  }).then(() => {
    leftAt = clock.now()
  })
  async function until(time: number): Promise<number | undefined> {
    await drainMicrotasks()
    while (leftAt === undefined && (clock.due() ?? Number.POSITIVE_INFINITY) <= time) {
      clock.step()
      await drainMicrotasks()
    }
    return leftAt
  }
  const [cut, heal] = [() => network.cut('peers'), () => network.heal('peers')]
  return { leases: bus.leases, records: bus.records, cut, heal, letGo, retired, until }
}

describe('peers that live with the runs', () => {
  it('leave at the second look that finds none', async () => {
    const { until, retired } = living()
    expect(await until(10_000)).toBe(2_000)
    expect(retired).toEqual([true])
  })

  it('stay as long as there is one, and leave when its lease has run out', async () => {
    const { leases, until } = living()
    await leases.acquire('peer.origin-r-1', '')
    expect(await until(9_000)).toBeUndefined()
    expect(await until(60_000)).toBeGreaterThan(leases.ttlMs)
  })

  it('leave at once when the run that started them lets go', async () => {
    const { letGo, until } = living(1)
    await until(0)
    letGo.abort()
    expect(await until(500)).toBe(0)
  })

  it('stay when it lets go and another run is there', async () => {
    const { leases, letGo, until } = living()
    await leases.acquire('peer.origin-r-2', '')
    letGo.abort()
    expect(await until(9_000)).toBeUndefined()
  })

  it('finish what they have in hand, within a bound', async () => {
    expect(await living(1).until(60_000)).toBe(10_000)
  })

  it('stay after all when a run is announced while they leave', async () => {
    const { leases, retired, until } = living()
    const list = leases.list.bind(leases)
    let looks = 0
    // The third look is the last one, after they said that they leave.
    leases.list = async (prefix) => (++looks === 3 ? [{ key: 'peer.origin-r-3', value: '' }] : list(prefix))
    expect(await until(2_500)).toBeUndefined()
    expect(retired).toEqual([true, false])
  })

  it('stay for a run that is under way though nobody hosts its origin, and until it is over', async () => {
    const { records, letGo, until } = living()
    const open = await records.append('run.r-1', encodeRun(runRecord('r-1', 'open')), 0)
    letGo.abort()
    expect(await until(60_000)).toBeUndefined()
    await records.append('run.r-1', encodeRun(runRecord('r-1', 'over')), open)
    expect(await until(70_000)).toBeDefined()
  })

  it('wait for a server that is away, long enough for it to be started again', async () => {
    const { leases, cut, heal, letGo, until } = living()
    await leases.acquire('peer.origin-r-1', '')
    letGo.abort()
    await until(0)
    cut()
    expect(await until(60_000)).toBeUndefined()
    heal()
    expect(await until(200_000)).toBeLessThan(80_000) // its run had no more lease, and no record
  })

  it('leave in the end where the server does not come back', async () => {
    const { cut, letGo, until } = living()
    cut()
    letGo.abort()
    expect(await until(100_000)).toBeUndefined()
    expect(await until(300_000)).toBeDefined()
  })

  it('leave at once where the private server is gone', async () => {
    const { cut, letGo, until } = living(0, async () => true)
    cut()
    letGo.abort()
    expect(await until(20_000)).toBeDefined()
  })
})
