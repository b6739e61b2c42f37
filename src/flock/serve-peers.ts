/** A process that hosts peers and does nothing else, from its start to its end. */
import type { PeerId } from '../../protocols/ids.ts'
import { chooseModel } from './choose-model.ts'
import { FlockError } from './errors.ts'
import { hostHere } from './host-here.ts'
import type { Member, Wanted } from './muster.ts'
import { type OpenProcessOptions, openProcess } from './open-process.ts'
import { outliveRuns } from './with-runs.ts'

export type ServePeersOptions = OpenProcessOptions & {
  readonly roles: Wanted
  readonly model?: string | undefined
  /** For peers that a run started: leave with the last run. Aborted when that run has let go. */
  readonly withRuns?: AbortSignal | undefined
  readonly onReady: (
    members: readonly Member[],
    bus: { readonly kind: string; readonly url?: string },
  ) => void
}

/**
 * Hosts peers until the signal is aborted, or until no run needs them, and then drains.
 * @throws FlockError `flock.no-server`, `flock.peer-lost`; what opening the bus throws
 */
export async function servePeers(options: ServePeersOptions): Promise<void> {
  const { clock, roles, signal, withRuns } = options
  const model = await chooseModel(options)
  const { ports, opened, leave } = await openProcess(options)
  try {
    if (opened.kind === 'memory') {
      throw new FlockError('no-server', 'a peer without a server has nobody to talk to: give one with --nats')
    }
    const { hosted, members } = await hostHere(ports, roles, model)
    try {
      options.onReady(members, opened)
      const lost = await leaveTime(signal, hosted.lost, (over) =>
        withRuns === undefined
          ? new Promise<never>(() => {})
          : outliveRuns({ leases: ports.bus.leases, clock, hosted, letGo: withRuns, signal: over }),
      )
      if (lost !== undefined) {
        throw new FlockError('peer-lost', `"${lost}" is hosted by another process now, so this one leaves`)
      }
    } finally {
      await hosted.drain()
    }
  } finally {
    await leave()
  }
}

/** Resolves with the peer that was lost, or with undefined when it is time to leave for another reason. */
async function leaveTime(
  signal: AbortSignal,
  lost: Promise<PeerId>,
  unneeded: (over: AbortSignal) => Promise<void>,
): Promise<PeerId | undefined> {
  const over = new AbortController()
  const asked = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  try {
    const ended = unneeded(AbortSignal.any([signal, over.signal]))
    return await Promise.race([asked, lost, ended.then(() => undefined)])
  } finally {
    over.abort()
  }
}
