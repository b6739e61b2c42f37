/**
 * A job from its goal to its report: a bus, the peers that are missing, the run, and what it leaves. It brings the
 * flock together and takes note; who does what is none of its business.
 */
import type { RunId } from '../../protocols/ids.ts'
import type { Env } from '../embedded/command.ts'
import { type Log, silentLog } from '../log.ts'
import type { HeldPeer } from '../peer/lease.ts'
import type { ProcessPorts } from '../peer/process.ts'
import { holdOrigin, newRunId, type RunEnd, startRun } from '../run/start-run.ts'
import type { Clock } from '../time/clock.ts'
import { type Random, systemRandom } from '../time/random.ts'
import { systemClock } from '../time/system-clock.ts'
import { type ConversationRecord, runPrefix } from '../turn/record.ts'
import { createBacklog } from './backlog.ts'
import { type ChosenModel, chooseModel } from './choose-model.ts'
import { isSampled } from './choose-spans.ts'
import { clean, KEPT_MS } from './clean.ts'
import { FlockError } from './errors.ts'
import { fileRun } from './file-run.ts'
import { type Flock, gather, type PeerArgs } from './gather.ts'
import type { Job } from './job.ts'
import type { Member } from './muster.ts'
import type { OpenBus } from './open-bus.ts'
import { type OpenProcess, openProcess } from './open-process.ts'
import type { RunReport } from './run-report.ts'
import { logFolder, STATE_FOLDER } from './state-folder.ts'
import { missingText, unattended, watchUnattended } from './unattended.ts'

export type RunOptions = {
  /** `.skein` unless given. */
  readonly stateDir?: string
  /** `process.env` unless given. */
  readonly env?: Env
  /** URL of a NATS server; `NATS_URL` or the project's private server unless given. */
  readonly nats?: string | undefined
  /** `OPENAI_MODEL` unless given; `offline` without a key and an endpoint of one's own. */
  readonly model?: string | undefined
  /** Milliseconds until the run is stopped: ten minutes unless given. */
  readonly timeoutMs?: number
  /** How to start a process for a peer. Without it, peers that are missing are hosted in this process. */
  readonly peerArgs?: PeerArgs | undefined
  readonly log?: Log
  readonly clock?: Clock
  readonly random?: Random
  /** Takes a line for people. */
  readonly say?: (text: string) => void
  /** The flock is there, and the run begins. */
  readonly onStart?: (started: RunStarted) => void
  /** Sees every commit of the run. */
  readonly onCommit?: (record: ConversationRecord) => void
  /** Stops the run: it is over as `cancelled`. */
  readonly signal?: AbortSignal
}

export type RunStarted = {
  readonly run: RunId
  readonly startedAt: number
  readonly deadline: number
  readonly model: string
  readonly bus: OpenBus['kind']
  readonly url?: string
  readonly members: readonly Member[]
  /** Folder of the logs of the processes that were started. */
  readonly logs: string | null
}

export const TIMEOUT_MS = 600_000
/** How long after its deadline a run may take to say so. */
const GRACE_MS = 10_000

/**
 * @throws FlockError, ModelError, what the job's `prepare` throws, and what a bus throws that was named and cannot
 * be reached
 * @example
 * const report = await run(codingJob({ goal: 'Make the tests pass', workspace: 'my-project' }))
 */
export async function run(job: Job, options: RunOptions = {}): Promise<RunReport> {
  const settings = withDefaults(options)
  const model = await chooseModel(settings)
  await model.check()
  settings.signal.throwIfAborted()
  const own = await openProcess(settings)
  try {
    return await runOn(own, model, job, settings)
  } finally {
    await own.leave()
  }
}

type Settings = ReturnType<typeof withDefaults>

const withDefaults = (options: RunOptions) => ({
  stateDir: STATE_FOLDER,
  env: process.env as Env,
  timeoutMs: TIMEOUT_MS,
  log: silentLog,
  clock: systemClock(),
  random: systemRandom(),
  say: () => {},
  signal: new AbortController().signal,
  ...options,
})

async function runOn(
  { ports, opened }: OpenProcess,
  model: ChosenModel,
  job: Job,
  settings: Settings,
): Promise<RunReport> {
  const { bus, clock, log } = ports
  const id = newRunId(clock.now(), ports.random)
  const logDir = logFolder(settings.stateDir, id)
  // Announced before anybody is counted: from now on nobody leaves for want of a run.
  const lease = await holdOrigin(id, { leases: bus.leases, clock, log })
  let flock: Flock | undefined
  try {
    const [gathered, prepared] = await Promise.allSettled([
      gather({
        ports,
        wanted: job.roles,
        model,
        peerArgs: (role) => (opened.kind === 'memory' ? undefined : settings.peerArgs?.(role)),
        env: { ...settings.env, ...opened.env },
        logDir,
        signal: settings.signal,
      }),
      job.prepare(bus),
    ])
    if (gathered.status === 'rejected') throw gathered.reason
    flock = gathered.value
    if (prepared.status === 'rejected') throw prepared.reason
    const logs = flock.started > 0 ? logDir : null
    const sampled = isSampled(settings.env)
    const startedAt = clock.now()
    settings.onStart?.({
      run: id,
      startedAt,
      deadline: startedAt + settings.timeoutMs,
      model: model.name,
      bus: opened.kind,
      ...(opened.url !== undefined && { url: opened.url }),
      members: flock.members,
      logs,
    })
    const backlog = createBacklog()
    const onCommit = (record: ConversationRecord) => {
      backlog.take(record)
      settings.onCommit?.(record)
    }
    const given = {
      ...settings,
      ...ports,
      ...prepared.value,
      run: id,
      goal: job.goal,
      sampled,
      lease,
      onCommit,
    }
    const watch = watchUnattended({ ...ports, work: backlog.work, say: settings.say })
    const ended = await untilStopped(lease, settings, (signal) => startRun({ ...given, signal })).finally(
      watch.stop,
    )
    const end = await explained(ended, () => unattended(backlog.work(), bus, clock))
    const peers = [...flock.members]
    const around = { peers, model: model.name, bus: opened.kind, logs }
    const report = await fileRun({ stateDir: settings.stateDir, end, blobs: bus.blobs, sampled, around })
    // The run's files hold all that later commands need. A shared server keeps its records for those who share it.
    if (opened.kind === 'embedded') await tidy(ports, id)
    return report
  } finally {
    await lease.release().catch(() => {}) // then it runs out
    await flock?.dismiss()
  }
}

/** Who ran out of time may have waited for somebody who was not there. */
async function explained(end: RunEnd, missing: () => ReturnType<typeof unattended>): Promise<RunEnd> {
  const { record } = end
  if (record.outcome !== 'exhausted') return end
  const reasons = (await missing().catch(() => [])).map(missingText)
  return { ...end, record: { ...record, reason: [record.reason, ...reasons].filter(Boolean).join('; ') } }
}

/** Runs it until it ends, is stopped, or cannot end by itself since its server is away. */
async function untilStopped<T>(
  lease: HeldPeer,
  { clock, timeoutMs, signal }: Settings,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = clock.setTimer(timeoutMs + GRACE_MS, () => late.abort())
  const lost = AbortSignal.any([lease.lost, late.signal])
  try {
    const end = await work(AbortSignal.any([signal, lost]))
    lost.throwIfAborted()
    return end
  } catch (error) {
    if (!lost.aborted) throw error
    throw new FlockError(
      'lost',
      'the run lost its server for too long and was given up: see that NATS stays up, and run again',
      { cause: error },
    )
  } finally {
    timer.cancel()
  }
}

/** A private server may take so long to be cleaned at the end of a run. */
const TIDY_MS = 5_000

/**
 * Removes the journals of a run that is filed, and what older runs left on the private server, which nobody else cleans.
 * What cannot be removed stays, and does no harm.
 */
async function tidy({ bus, clock, log }: ProcessPorts, run: RunId): Promise<void> {
  const late = new AbortController()
  const timer = clock.setTimer(TIDY_MS, () => late.abort())
  try {
    await bus.records.purge(runPrefix(run))
    await clean({
      bus,
      clock,
      which: { olderMs: KEPT_MS },
      dryRun: false,
      say: () => {},
      signal: late.signal,
    })
  } catch (error) {
    log.warn('what runs left could not be removed', { run, error: String(error) })
  } finally {
    timer.cancel()
  }
}
