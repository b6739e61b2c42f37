/**
 * When peers that live with the runs leave: when the run that started them has let go and no other is live, or when
 * none has been live for a while, as after a kill.
 *
 * A bus that does not answer says nothing of runs: it is waited for, long enough for a server to be started again.
 *
 * W1 They say that they leave before they look for runs a last time, and stay if there is one (`muster`, M1).
 */
import type { Bus } from '../bus/bus.ts'
import type { HostedPeers } from '../peer/host-peers.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { liveRuns } from './live-runs.ts'

/** Between two looks. */
const LOOK_MS = 1_000
/** Looks in a row without a run until idle peers leave: one alone may fall between two runs. */
const QUIET_LOOKS = 2
/** And until busy ones do. What they have in hand stays in their records, and is for nobody now. */
const BUSY_LOOKS = 10
/** How long a bus may not answer until all leave, in milliseconds: a run may be under way there. */
const AWAY_MS = 120_000

export type WithRunsOptions = {
  readonly bus: Pick<Bus, 'leases' | 'records'>
  /** Whether the server is gone for good: a private one that ended listens elsewhere when it is started again. */
  readonly isServerGone?: () => Promise<boolean>
  readonly clock: Clock
  readonly hosted: Pick<HostedPeers, 'load' | 'retire'>
  /** Aborted when the run that started the process has let go. */
  readonly letGo: AbortSignal
  /** Ends the waiting. */
  readonly signal: AbortSignal
}

/** Resolves when it is time to leave, or the signal was aborted. */
export async function outliveRuns(options: WithRunsOptions): Promise<void> {
  const { bus, clock, hosted, letGo, signal } = options
  const either = AbortSignal.any([signal, letGo])
  let quiet = 0
  let awaySince: number | undefined
  let heard = false
  while (!signal.aborted) {
    await sleep(clock, LOOK_MS, heard ? signal : either)
    const justLetGo = letGo.aborted && !heard
    heard = letGo.aborted
    const runs = await liveRuns(bus).catch(() => undefined)
    awaySince = runs === undefined ? (awaySince ?? clock.now()) : undefined
    if (awaySince !== undefined) {
      if (clock.now() - awaySince >= AWAY_MS || (await options.isServerGone?.().catch(() => false))) return
    }
    if (runs === undefined || runs.length > 0) quiet = 0
    else if (justLetGo || ++quiet >= (hosted.load().busy > 0 ? BUSY_LOOKS : QUIET_LOOKS)) {
      hosted.retire(true)
      if (await isQuiet(bus)) return
      hosted.retire(false) // W1
    }
  }
}

const isQuiet = (bus: WithRunsOptions['bus']): Promise<boolean> =>
  liveRuns(bus).then(
    (runs) => runs.length === 0,
    () => false,
  )
