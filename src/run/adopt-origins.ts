/**
 * Runs whose origin nobody hosts: any process does, whatever its roles, until the run is over. Nobody assigns this;
 * whoever gets the lease has it. So a run outlives the process, and the terminal, that it was started from.
 */
import type { MessageDefinition } from '../../protocols/define.ts'
import type { RunId } from '../../protocols/ids.ts'
import { isBusAway } from '../bus/errors.ts'
import { holdPeer, peerLeaseKey } from '../peer/lease.ts'
import { keepLookout } from '../peer/lookout.ts'
import { sayGone } from '../peer/presence.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Owners } from '../turn/owners.ts'
import type { Trials } from '../turn/trials.ts'
import { type HostedOrigin, hostOrigin } from './host-origin.ts'
import { originPeer } from './origin-address.ts'
import type { RunStates } from './run-states.ts'

export type AdoptOriginsOptions = ProcessPorts & {
  /** A watch of the process's own, started by now. */
  readonly runs: RunStates
  readonly owners?: Owners
  readonly trials?: Trials
  /** Messages whose schemas this process knows, besides skein's own. */
  readonly known: readonly MessageDefinition[]
}

export interface OriginAdoption {
  /** Runs whose origin is hosted here. */
  adopted(): readonly RunId[]
  /** Looks as soon as may be. */
  hurry(): void
  /** Adopts no more, and leaves what it has to others. */
  stop(): Promise<void>
}

export function adoptOrigins(options: AdoptOriginsOptions): OriginAdoption {
  const { bus, clock, log, runs } = options
  const adopted = new Map<RunId, { readonly origin: HostedOrigin; readonly leave: () => Promise<void> }>()

  async function look(signal: AbortSignal): Promise<void> {
    const open = runs.underWay().filter(({ run }) => !adopted.has(run))
    if (open.length === 0) return
    const held = new Set((await bus.leases.list('peer')).map(({ key }) => key))
    for (const { run } of open) {
      if (signal.aborted || held.has(peerLeaseKey(originPeer(run)))) continue
      await adopt(run).catch((error) => {
        // One that cannot be had keeps nobody from the others.
        if (isBusAway(error)) throw error
        log.error('the origin of a run could not be adopted', { run, error: String(error) })
      })
    }
  }

  async function adopt(run: RunId): Promise<void> {
    const value = JSON.stringify({ run })
    const held = await holdPeer(originPeer(run), { leases: bus.leases, clock, log, value })
    if (held === undefined) return
    const release = () => held.release().catch(() => {}) // then it runs out
    try {
      const origin = await hostOrigin({ ...options, run, held })
      const leave = async () => {
        adopted.delete(run)
        await origin.drain()
        await release()
        if (runs.known(run)?.state !== 'over') sayGone(bus.signals, originPeer(run))
      }
      adopted.set(run, { origin, leave })
      log.info('adopted the origin of a run', { run })
      void origin.done
        .then(leave)
        .catch((error) => log.warn('an origin could not be left', { run, error: String(error) }))
    } catch (error) {
      await release()
      throw error
    }
  }

  const lookout = keepLookout({ ...options, look, what: 'runs without an origin' })
  return {
    adopted: () => [...adopted.keys()],
    hurry: lookout.hurry,
    async stop() {
      await lookout.stop()
      await Promise.all([...adopted.values()].map(({ leave }) => leave()))
    },
  }
}
