import { describe, expect, it } from 'vitest'
import { openBus } from '../../src/flock/open-bus.ts'
import { serverGone } from '../../src/flock/server-gone.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { temporaryFolder } from './clerks.ts'

describe('serverGone', () => {
  it('resolves when the connection was lost and the private server has ended', async () => {
    const [lost, stop] = [new AbortController(), new AbortController()]
    const [stateDir, clock, { signal }] = [await temporaryFolder(), systemClock(), stop]
    const env = { SKEIN_NATS_SERVER: process.env.SKEIN_NATS_SERVER }
    const opened = await openBus({ stateDir, clock, signal, env, random: systemRandom(), say: () => {} })
    const gone = serverGone({ stateDir, url: opened.url!, clock, lost: lost.signal, signal })
    await opened.leave()
    lost.abort()
    await gone
    expect(signal.aborted).toBe(false)
  })

  it('resolves when nobody waits any more', async () => {
    const [lost, stop] = [new AbortController(), new AbortController()]
    const clock = systemClock()
    const gone = serverGone({ stateDir: '/nowhere', url: '', clock, lost: lost.signal, signal: stop.signal })
    stop.abort()
    await expect(gone).resolves.toBeUndefined()
  })
})
