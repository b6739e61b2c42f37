/**
 * Looking for what has lost its process, now and then: paced by the life of a lease, and at once when somebody says
 * goodbye. Each look comes up to half as late again, so that processes do not look all at once.
 */
import { PRESENCE_SUBJECT } from '../../protocols/presence.ts'
import { isBusAway } from '../bus/errors.ts'
import { sleep } from '../time/clock.ts'
import type { ProcessPorts } from './process.ts'

export type LookoutOptions = Pick<ProcessPorts, 'bus' | 'clock' | 'random' | 'log'> & {
  /** Sees to it. That the bus is away is no matter: the next look may see more. */
  readonly look: (signal: AbortSignal) => Promise<void>
  /** What for, in a log. */
  readonly what: string
}

export interface Lookout {
  /** Looks as soon as may be. */
  hurry(): void
  /** Looks no more; resolves when the last look is done. */
  stop(): Promise<void>
}

/** Looks within the life of a lease. */
const LOOKS = 4
/** From a goodbye to the look that it causes, in milliseconds: goodbyes come in bunches, and one look is for all. */
const HURRY_MS = 20

export function keepLookout({ bus, clock, random, log, look, what }: LookoutOptions): Lookout {
  const stopping = new AbortController()
  /** Ends the pause before the next look. */
  let hurry = new AbortController()

  async function listen(): Promise<void> {
    const goodbyes = await bus.signals.subscribe(PRESENCE_SUBJECT.gone)
    stopping.signal.addEventListener('abort', () => goodbyes.close(), { once: true })
    if (stopping.signal.aborted) goodbyes.close()
    for await (const _ of goodbyes) hurry.abort()
  }

  async function looking(): Promise<void> {
    const pace = bus.leases.ttlMs / LOOKS
    while (!stopping.signal.aborted) {
      await sleep(clock, Math.round(pace * (1 + random.next() / 2)), hurry.signal)
      if (hurry.signal.aborted) await sleep(clock, HURRY_MS, stopping.signal)
      hurry = new AbortController()
      if (stopping.signal.aborted) return
      try {
        await look(stopping.signal)
      } catch (error) {
        if (!isBusAway(error)) log.error(`looking for ${what} failed`, { error: String(error) })
      }
    }
  }

  const loops = [
    listen().catch((error) => log.warn('goodbyes are not heard', { error: String(error) })),
    looking(),
  ]
  return {
    hurry: () => hurry.abort(),
    async stop() {
      stopping.abort()
      hurry.abort()
      await Promise.all(loops)
    },
  }
}
