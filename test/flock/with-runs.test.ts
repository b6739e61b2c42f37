import { describe, expect, it } from 'vitest'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { outliveRuns } from '../../src/flock/with-runs.ts'
import { drainMicrotasks } from '../../src/time/microtasks.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'

/** Peers that live with the runs, in virtual time: when do they leave? */
function living(busy = 0) {
  const clock = virtualClock()
  const bus = memoryNetwork({ clock, random: seededRandom(1) }).connect('peers')
  const retired: boolean[] = []
  const letGo = new AbortController()
  const hosted = {
    load: () => ({ conversations: busy, busy }),
    retire: (leaving: boolean) => void retired.push(leaving),
  }
  let leftAt: number | undefined
  const signal = new AbortController().signal
  void outliveRuns({ bus, clock, hosted, letGo: letGo.signal, signal }).then(() => {
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
  return { leases: bus.leases, letGo, retired, until }
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
})
