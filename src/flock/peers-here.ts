/** `hostPeers` for those who use skein as a library: what `skein peer` does, from code. */
import { silentLog } from '../log.ts'
import type { Role } from '../role/define.ts'
import { systemRandom } from '../time/random.ts'
import { systemClock } from '../time/system-clock.ts'
import type { Member } from './muster.ts'
import type { RunOptions } from './run.ts'
import { servePeers } from './serve-peers.ts'
import { STATE_FOLDER } from './state-folder.ts'

/** Where they are and what they call; what a run may do, whoever starts it says. */
export type PeersHereOptions = Pick<
  RunOptions,
  'stateDir' | 'env' | 'nats' | 'model' | 'fallbacks' | 'rates'
> &
  Pick<RunOptions, 'log' | 'clock' | 'random' | 'say' | 'signal'>

export type PeersHere = {
  readonly members: readonly Member[]
  /** Finishes the turns in hand, gives the peers back and leaves the bus. Idempotent. */
  drain(): Promise<void>
  /** Settles when the peers are gone: after `drain`, or with the error that ended them. */
  readonly gone: Promise<void>
}

/**
 * Hosts peers of these roles in this process, until they are drained.
 * @throws FlockError `flock.no-server`; what a bus throws that was named and cannot be reached
 * @example
 * const peers = await hostPeers([librarian], { nats: 'nats://127.0.0.1:4222' })
 */
export async function hostPeers(roles: readonly Role[], options: PeersHereOptions = {}): Promise<PeersHere> {
  const stopping = new AbortController()
  const signals = [stopping.signal, ...(options.signal ? [options.signal] : [])]
  return new Promise((resolve, reject) => {
    const gone = servePeers({
      stateDir: STATE_FOLDER,
      env: process.env,
      log: silentLog,
      clock: systemClock(),
      random: systemRandom(),
      say: () => {},
      ...options,
      roles: roles.map((role) => ({ role, count: 1 })),
      signal: AbortSignal.any(signals),
      onReady: (members) =>
        resolve({
          members,
          gone,
          drain() {
            stopping.abort()
            return gone
          },
        }),
    })
    // Before it is ready its error is the caller's; afterwards `gone` has it, whether anybody looks or not.
    gone.catch(reject)
  })
}
