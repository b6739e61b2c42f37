/**
 * A job from its goal to its report: a bus, the peers that are missing, the run, and what it leaves. It brings the
 * flock together and takes note; who does what is none of its business.
 */
import type { RunId } from '../../protocols/ids.ts'
import { PROGRESS_SUBJECT, type Printed } from '../../protocols/progress.ts'
import type { Env } from '../embedded/command.ts'
import { type Log, silentLog } from '../log.ts'
import type { Model } from '../model/model.ts'
import type { Prices } from '../model/prices.ts'
import { listen } from '../peer/live-output.ts'
import { sayGone } from '../peer/presence.ts'
import { longestEndMs } from '../run/host-origin.ts'
import { originPeer } from '../run/origin-address.ts'
import type { Limits } from '../run/quota.ts'
import type { PeopleWishes } from '../run/run-record.ts'
import { holdOrigin, newRunId, startRun } from '../run/start-run.ts'
import type { Clock } from '../time/clock.ts'
import { type Random, systemRandom } from '../time/random.ts'
import { systemClock } from '../time/system-clock.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { assurePrices, assureTools, assureTopology } from './assure-job.ts'
import { createBacklog } from './backlog.ts'
import { type ChosenModel, chooseModel } from './choose-model.ts'
import type { GivenRates } from './choose-rates.ts'
import { chooseSampler } from './choose-sampling.ts'
import { assureContained, containmentOf, handedOn, type SandboxWish } from './choose-sandbox.ts'
import { FlockError } from './errors.ts'
import { fileOnce } from './file-once.ts'
import { fileRun } from './file-run.ts'
import { type Flock, gather, type PeerArgs } from './gather.ts'
import type { Job } from './job.ts'
import { keepRecording } from './keep-recording.ts'
import type { Member } from './muster.ts'
import type { OpenBus } from './open-bus.ts'
import { type OpenProcess, openProcess } from './open-process.ts'
import { assureRecordable, type RecordTo } from './recording-file.ts'
import type { RunReport } from './run-report.ts'
import { logFolder, STATE_FOLDER } from './state-folder.ts'
import { tidy } from './tidy.ts'
import { missingText, unattended, watchUnattended } from './unattended.ts'

export type RunOptions = {
  /** `.skein` unless given. */
  readonly stateDir?: string
  /** `process.env` unless given. */
  readonly env?: Env
  /** URL of a NATS server; `NATS_URL` or the project's private server unless given. */
  readonly nats?: string | undefined
  /** On a bus of its own, in this process and without a server, whichever there is. */
  readonly inMemory?: boolean | undefined
  /**
   * `OPENAI_MODEL` unless given; `offline` without a key and an endpoint of one's own. A model of one's own, which no
   * other process has: peers that are missing are hosted in this one then.
   */
  readonly model?: string | Model | undefined
  /** Models to fall back on, for roles that name none: `SKEIN_FALLBACK_MODELS` unless given. */
  readonly fallbacks?: readonly string[] | undefined
  /** What the model's endpoint takes a minute, where it does not say so. */
  readonly rates?: GivenRates | undefined
  /** Milliseconds until the run is stopped: ten minutes unless given. */
  readonly timeoutMs?: number
  /** USD per million tokens, by model: what counts more than the list of prices. */
  readonly prices?: Prices | undefined
  /** What the commands of agents run in: `SKEIN_SANDBOX` unless given, or else what works on this machine. */
  readonly sandbox?: SandboxWish | undefined
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
  /** Hears what long commands of the run print, as they print it; some of it may be lost. */
  readonly onPrinted?: (printed: Printed) => void
  /** Stops the run: it is over as `cancelled`. */
  readonly signal?: AbortSignal
  /** Longest chain of messages, each caused by the one before: 64 unless given. */
  readonly hops?: number | undefined
  /** What the run may spend: tokens, nano-dollars, messages. */
  readonly limits?: Limits | undefined
  /** Tools whose calls a person has to approve, besides those that say so themselves. */
  readonly approve?: readonly string[] | undefined
  /** Nobody is there to be asked: what would wait for a person is refused at once. */
  readonly noHuman?: boolean | undefined
  /** Records the run into a file, once it is over: see `replayRun`. It holds prompts and files, unredacted. */
  readonly record?: RecordTo | undefined
}

export type LaunchOptions = RunOptions & {
  /** Leaves the run to the peers, once it has begun: they host its origin, and go on. */
  readonly detach?: AbortSignal
}

/** A run that was left to its peers. */
export type Detached = { readonly run: RunId; readonly detached: true }

export type RunStarted = {
  readonly run: RunId
  readonly startedAt: number
  readonly deadline: number
  readonly model: string
  readonly bus: OpenBus['kind']
  readonly url?: string
  readonly members: readonly Member[]
  /** What commands of agents run in; null where those of some peers are not contained; absent where none is run. */
  readonly sandbox?: string | null
  /** Folder of the logs of the processes that were started. */
  readonly logs: string | null
}

export const TIMEOUT_MS = 600_000

/**
 * @throws FlockError `flock.topology` where a role has no place in it, `flock.no-tool` for a tool to approve that there
 * is not, `flock.no-price` where it has a limit in money, `flock.sampler`; ModelError; RecordingError; what the job's
 * `prepare` throws, and a bus that was named and cannot be reached
 * @example
 * const report = await run(codingJob({ goal: 'Make the tests pass', workspace: 'my-project' }))
 */
export async function run(job: Job, options: RunOptions = {}): Promise<RunReport> {
  const end = await launch(job, options)
  if ('detached' in end) throw new FlockError('detached', 'nobody said so')
  return end
}

/**
 * The same for a run that may outlive this process.
 * @throws as `run`; FlockError `flock.no-peers` for one that is to be left where nobody else is
 */
export async function launch(job: Job, options: LaunchOptions): Promise<RunReport | Detached> {
  const settings = withDefaults(options)
  if (settings.record !== undefined) await assureRecordable(settings.record)
  assureTopology(job)
  assureTools(job, settings.approve)
  const model = await chooseModel(settings)
  if (settings.limits?.money != null) assurePrices(job, model, settings.prices)
  await model.check()
  settings.signal.throwIfAborted()
  const own = await openProcess(settings)
  try {
    return await runOn(own, model, job, settings)
  } finally {
    await own.leave()
  }
}

/** Nothing is written of it where nothing is wished. */
const peopleIn = ({ approve = [], noHuman = false }: Settings): PeopleWishes | undefined =>
  approve.length > 0 || noHuman ? { approve: [...approve], isAway: noHuman } : undefined

type Settings = ReturnType<typeof withDefaults>

const withDefaults = (options: LaunchOptions) => ({
  stateDir: STATE_FOLDER,
  env: process.env as Env,
  timeoutMs: TIMEOUT_MS,
  log: silentLog,
  clock: systemClock(),
  random: systemRandom(),
  say: () => {},
  signal: new AbortController().signal,
  detach: new AbortController().signal,
  samples: chooseSampler(options.env ?? process.env),
  ...options,
})

async function runOn(
  { ports, opened }: OpenProcess,
  model: ChosenModel,
  job: Job,
  settings: Settings,
): Promise<RunReport | Detached> {
  const { bus, clock, log } = ports
  const id = newRunId(clock.now(), ports.random)
  const logDir = logFolder(settings.stateDir, id)
  const mayStart = opened.kind !== 'memory' && typeof settings.model !== 'object'
  // Announced before anybody is counted: from now on nobody leaves for want of a run.
  const lease = await holdOrigin(id, { leases: bus.leases, clock, log })
  let flock: Flock | undefined
  try {
    const [gathered, prepared] = await Promise.allSettled([
      gather({
        ports,
        wanted: job.roles,
        model,
        peerArgs: (role) => (mayStart ? settings.peerArgs?.(role) : undefined),
        env: { ...settings.env, ...opened.env, ...handedOn(ports.sandbox) },
        logDir,
        signal: settings.signal,
      }),
      job.prepare(bus),
    ])
    if (gathered.status === 'rejected') throw gathered.reason
    flock = gathered.value
    if (prepared.status === 'rejected') throw prepared.reason
    assureContained(flock.members, settings)
    const sandbox = containmentOf(flock.members)
    const logs = flock.started > 0 ? logDir : null
    const sampled = settings.samples(id)
    const startedAt = clock.now()
    settings.onStart?.({
      run: id,
      startedAt,
      deadline: startedAt + settings.timeoutMs,
      model: model.name,
      bus: opened.kind,
      ...(opened.url !== undefined && { url: opened.url }),
      members: flock.members,
      sandbox,
      logs,
    })
    if (flock.isAlone && settings.detach.aborted)
      throw new FlockError(
        'no-peers',
        'there is nobody to leave the run to: peers of it live in this process, since they have no server or no module of their own. Run it without --detach, or see "skein doctor"',
      )
    const backlog = createBacklog()
    const onCommit = (record: ConversationRecord) => {
      backlog.take(record)
      settings.onCommit?.(record)
    }
    const given = {
      ...settings,
      // Who would leave a run that nobody else can go on with stops it.
      ...(flock.isAlone && { signal: AbortSignal.any([settings.signal, settings.detach]) }),
      ...ports,
      sandbox: ports.sandbox,
      ...prepared.value,
      run: id,
      goal: job.goal,
      topology: job.topology,
      people: peopleIn(settings),
      model: model.name,
      sampled,
      lease,
      onCommit,
      explain: async () => (await unattended(backlog.work(), bus, clock)).map(missingText),
    }
    const { onPrinted } = settings
    const live = onPrinted && (await listen(bus.signals, PROGRESS_SUBJECT.of(id), onPrinted))
    const watch = watchUnattended({ ...ports, work: backlog.work, say: settings.say })
    const detach = flock.isAlone ? undefined : settings.detach
    const end = await untilStopped(settings, longestEndMs(bus.leases.ttlMs), detach, (left) =>
      startRun({ ...given, detach: left }),
    ).finally(async () => {
      await Promise.all([watch.stop(), live?.stop()])
    })
    if (end === undefined) {
      await lease.release().catch(() => {}) // then it runs out
      sayGone(bus.signals, originPeer(id)) // whoever hears it adopts the origin at once
      return { run: id, detached: true }
    }
    const peers = [...flock.members]
    const around = { peers, model: model.name, bus: opened.kind, sandbox, logs }
    const { stateDir, prices, record } = settings
    // What the run left on the bus may be gone once it is filed.
    const recorded = record && keepRecording(record, { ...record, end, bus, now: clock.now() })
    await recorded?.catch(() => {}) // its report is filed all the same
    const report = await fileOnce({ ...ports, stateDir, run: id }, async () => {
      const report = await fileRun({ stateDir, end, bus, sampled, prices, around })
      // The run's files hold all that later commands need. A shared server keeps its records for those who share it.
      if (opened.kind === 'embedded') await tidy(ports, id)
      return report
    })
    const why = (await recorded)?.header.unreplayable
    if (record && why) settings.say(`the recording "${record.file}" cannot be replayed: ${why}`)
    return report
  } finally {
    await lease.release().catch(() => {}) // then it runs out
    await flock?.dismiss()
  }
}

/**
 * Watches it until it is over, is left to others, or cannot end by itself since its server is away.
 * @throws FlockError `flock.lost`
 */
async function untilStopped<T>(
  { clock, timeoutMs }: Settings,
  graceMs: number,
  detach: AbortSignal | undefined,
  work: (left: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = clock.setTimer(timeoutMs + graceMs, () => late.abort())
  const lost = (cause?: unknown) =>
    new FlockError(
      'lost',
      'the run lost its server for too long and was given up: see that NATS stays up, and run again',
      { cause },
    )
  try {
    const end = await work(detach === undefined ? late.signal : AbortSignal.any([detach, late.signal]))
    if (end === undefined && late.signal.aborted) throw lost()
    return end
  } catch (error) {
    throw late.signal.aborted && !(error instanceof FlockError) ? lost(error) : error
  } finally {
    timer.cancel()
  }
}
