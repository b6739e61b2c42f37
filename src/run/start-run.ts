/**
 * Starting a run and seeing it through: it is submitted, its origin is hosted in this process, and it is watched until
 * it is over. If this process dies, another one hosts the origin; if it loses the origin, it only watches.
 */
import { type RunId, runId } from '../../protocols/ids.ts'
import { isBusAway } from '../bus/errors.ts'
import type { RecordWatch } from '../bus/records.ts'
import { type HeldPeer, holdPeer, type LeaseOptions, PeerTakenError } from '../peer/lease.ts'
import { type ProcessPorts, resourceOf } from '../peer/process.ts'
import { sleep } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { persist } from '../turn/persist.ts'
import { type ConversationRecord, runPrefix } from '../turn/record.ts'
import { endRun } from './change-run.ts'
import { hostOrigin } from './host-origin.ts'
import { originPeer } from './origin-address.ts'
import { createQuotas } from './quotas.ts'
import type { RunStates } from './run-states.ts'
import { type SubmitRunOptions, submitRun } from './submit-run.ts'
import { type RunEnd, watchRun } from './watch-run.ts'

export type StartRunOptions = ProcessPorts &
  Omit<SubmitRunOptions, 'deadline' | 'now' | 'resource'> & {
    /** Milliseconds until the run is stopped. */
    readonly timeoutMs: number
    /** The lease of the run's origin, where the caller announced the run; it stays the caller's. */
    readonly lease?: HeldPeer
    readonly runs?: RunStates
    /** What kept a run that is late, for people. */
    readonly explain?: () => Promise<readonly string[]>
    /** Sees every commit of the run. */
    readonly onCommit?: (record: ConversationRecord) => void
    /** Cancels the run. */
    readonly signal?: AbortSignal
    /** Leaves the run to whoever hosts it from here on. */
    readonly detach?: AbortSignal
  }

/** How long who leaves a run that he has cancelled waits to be heard, in milliseconds. */
const CANCEL_MS = 5_000

/** A name for a run that sorts by time: `r-mb4k2x9f-3fa1`. */
export const newRunId = (nowMs: number, random: Random): RunId =>
  runId(`r-${nowMs.toString(36)}-${random.hex(2)}`)

/**
 * Announces a run: as long as its origin's lease is held, peers that live with the runs stay.
 * @throws PeerTakenError when a run of that name is under way
 */
export async function holdOrigin(run: RunId, options: Omit<LeaseOptions, 'value'>): Promise<HeldPeer> {
  const peer = originPeer(run)
  const held = await holdPeer(peer, { ...options, value: JSON.stringify({ run }) })
  if (held === undefined) throw new PeerTakenError(peer)
  return held
}

/**
 * Resolves when the run is over; undefined where it was left to others before.
 * @throws UnavailableError, PeerTakenError when a run of that name is under way; InvalidError `invalid.start`
 */
export async function startRun(options: StartRunOptions): Promise<RunEnd | undefined> {
  const { bus, clock, run, log } = options
  const held = options.lease ?? (await holdOrigin(run, { leases: bus.leases, clock, log }))
  try {
    return await seeThrough(options, held)
  } finally {
    if (options.lease === undefined) await held.release().catch(() => {}) // then it runs out
  }
}

async function seeThrough(options: StartRunOptions, held: HeldPeer): Promise<RunEnd | undefined> {
  const { bus, clock, run, log, start, signal, sampled = true } = options
  const now = clock.now()
  const resource = resourceOf(options, originPeer(run))
  if (options.limits !== undefined)
    await createQuotas({ ...options, records: bus.records }).open(run, options.limits, options.prices)
  const { root } = await submitRun({ ...options, now, deadline: now + options.timeoutMs, resource })
  if (sampled) options.spans.emit([root])
  const commits = await bus.records.watch(runPrefix(run))
  const origin = await hostOrigin({ ...options, held, known: [start.message, ...start.answers] })
  const over = new AbortController()
  let cancelling = Promise.resolve()
  const cancel = () => {
    const work = () =>
      endRun(bus.records, run, { outcome: 'cancelled', reason: 'it was stopped' }, clock.now())
    cancelling = persist(work, { what: 'cancelling a run', clock, log, signal: over.signal })
  }
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted) cancel()
  try {
    const end = await untilOver(options, commits)
    if (end === undefined) {
      await Promise.race([cancelling, sleep(clock, CANCEL_MS, over.signal)])
      return undefined
    }
    return end
  } finally {
    over.abort()
    signal?.removeEventListener('abort', cancel)
    await origin.drain()
  }
}

/** A bus that is away for a while does not end the watching. */
async function untilOver(options: StartRunOptions, first: RecordWatch): Promise<RunEnd | undefined> {
  const { clock, log, detach } = options
  let end: RunEnd | undefined
  let commits: RecordWatch | undefined = first
  const signal = detach ?? new AbortController().signal
  let defect: unknown
  const watching = async () => {
    const once = commits
    commits = undefined
    end = await watchRun({ ...options, signal: detach, ...(once && { commits: once }) })
  }
  // Only of a bus that is away there is something to wait for.
  const work = () =>
    watching().catch((error) => {
      if (isBusAway(error)) throw error
      defect = error
    })
  await persist(work, { what: 'watching a run', clock, log, signal })
  if (defect !== undefined) throw defect
  return end
}
