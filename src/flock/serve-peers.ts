/** A process that hosts peers and does nothing else, from its start to its end. */

import type { Model } from '../model/model.ts'
import { untilAborted } from '../time/or-aborted.ts'
import { chooseModel } from './choose-model.ts'
import type { GivenRates } from './choose-rates.ts'
import { FlockError } from './errors.ts'
import { hostHere } from './host-here.ts'
import type { Member, Wanted } from './muster.ts'
import { type OpenProcess, type OpenProcessOptions, openProcess } from './open-process.ts'
import { outliveRuns } from './with-runs.ts'

export type ServePeersOptions = OpenProcessOptions & {
  readonly roles: Wanted
  /** As for a run. */
  readonly model?: string | Model | undefined
  readonly fallbacks?: readonly string[] | undefined
  readonly rates?: GivenRates | undefined
  /** For peers that a run started: leave with the last run. Aborted when that run has let go. */
  readonly withRuns?: AbortSignal | undefined
  readonly onReady: (
    members: readonly Member[],
    bus: { readonly kind: string; readonly url?: string },
  ) => void
}

/**
 * Hosts peers until the signal is aborted, or until no run needs them, and then drains.
 * @throws FlockError `flock.no-server`; what opening the bus throws
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
      if (withRuns === undefined) await untilAborted(signal)
      else
        await outliveRuns({
          bus: ports.bus,
          isServerGone: () => isGone(options, opened),
          clock,
          hosted,
          letGo: withRuns,
          signal,
        })
    } finally {
      await hosted.drain()
    }
  } finally {
    await leave()
  }
}

/** Of a private server only: another one is for others to start again, where it was. */
async function isGone(
  { stateDir }: ServePeersOptions,
  { kind, url }: OpenProcess['opened'],
): Promise<boolean> {
  if (kind !== 'embedded') return false
  const { findEmbeddedNats } = await import('../embedded/embedded.ts')
  return (await findEmbeddedNats(stateDir))?.url !== url
}
