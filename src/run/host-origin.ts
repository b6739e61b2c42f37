/**
 * Hosting the origin of a run, in whatever process: its conversation like any other, and its accounts. It is the one
 * who knows when all of the run's stake is home, and then says that the run is over. It hands out no work and watches
 * nobody's; any process may take it over where it stands.
 *
 * R3 The end is announced once the origin holds the whole stake: then nothing of the run is active or unread.
 * R4 Once, by compare-and-set on the run's record.
 * R5 A run has a deadline; from there on what is left is closed, and after a grace what never came home is written off.
 */
import type { MessageDefinition } from '../../protocols/define.ts'
import { assertNever } from '../../protocols/errors.ts'
import { failure } from '../../protocols/failure.ts'
import { conversationId, type RunId } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { isBusAway } from '../bus/errors.ts'
import { createCodec } from '../codec/codec.ts'
import type { HeldPeer } from '../peer/lease.ts'
import { type ProcessPorts, resourceOf } from '../peer/process.ts'
import { sleep } from '../time/clock.ts'
import { createHost } from '../turn/host.ts'
import { type Owners, watchOwners } from '../turn/owners.ts'
import {
  type ConversationRecord,
  decodeRecord,
  readableRecord,
  recordKey,
  runPrefix,
} from '../turn/record.ts'
import { turnSpanId } from '../turn/spans.ts'
import type { Trials } from '../turn/trials.ts'
import { nextStep, type Step } from './accounts.ts'
import { createCaretaker } from './caretaker.ts'
import { announceEnd, type Conclusion, endRun } from './change-run.ts'
import { quietConclusion, withPeople, withWay } from './conclusion.ts'
import { measureRun } from './measure-run.ts'
import { originBehaviour, startDefinitions } from './origin.ts'
import { ORIGIN_CONVERSATION } from './origin-address.ts'
import { createQuotas } from './quotas.ts'
import { type RunRecord, readRun } from './run-record.ts'
import { followRuns, type RunStates } from './run-states.ts'
import { openSpans, overSpan, owedSpans } from './trace.ts'

export type HostOriginOptions = ProcessPorts & {
  readonly run: RunId
  /** The lease of the origin. It stays the caller's. */
  readonly held: HeldPeer
  /** Messages whose schemas this process knows, besides skein's own. */
  readonly known?: readonly MessageDefinition[]
  /** A watch of the process's own, started by now; one of its own unless given. */
  readonly runs?: RunStates
  /** Of the process, started by now; its own unless given. */
  readonly owners?: Owners
  readonly trials?: Trials
  /** What kept a run that is late, for people. */
  readonly explain?: (() => Promise<readonly string[]>) | undefined
}

export interface HostedOrigin {
  readonly run: RunId
  /** Resolves when the run is over, or another process hosts the origin. */
  readonly done: Promise<void>
  /** Leaves the accounts to somebody else, where the run is not over. */
  drain(): Promise<void>
}

/** Before the first look at what nobody closes, between two, and before one that failed is made again. */
const LOOK_MS = { first: 300, later: 2_000, failed: 1_000 }
/** How long that may take, in milliseconds. */
const EXPLAIN_MS = 2_000
/** How long after a run began to end its stake may take to come home, in lives of a lease. */
const GRACE_LIVES = 9

/** By when after its deadline a run is over, whatever happened to it, where its server is there. */
export const longestEndMs = (leaseTtlMs: number): number => 2 * GRACE_LIVES * leaseTtlMs + 60_000

/** @throws UnavailableError; InvalidError `invalid.run` where no record of the run can be read */
export async function hostOrigin(options: HostOriginOptions): Promise<HostedOrigin> {
  const { bus, clock, log, run, held, known } = options
  const found = await readRun(bus.records, run)
  if (found === undefined) {
    options.runs?.forget(run)
    return { run, done: Promise.resolve(), drain: async () => {} }
  }
  const { message, answers } = startDefinitions(found.record.start, known)
  const runs = options.runs ?? followRuns(bus.records, log)
  const resource = resourceOf(options, held.peer)
  const stopping = new AbortController()
  /** Ends the pause before the next step. */
  let hurry = new AbortController()
  function stop(): void {
    stopping.abort()
    hurry.abort()
  }
  const owners = options.owners ?? watchOwners(bus.records, log, runPrefix(run))
  const quotas = createQuotas({ ...options, records: bus.records })
  const host = createHost({
    ...options,
    ...{ runs, quotas: options.replay?.quotas ?? quotas, owners },
    codec: createCodec(createRegistry([runProtocol, failure], definitions(message, answers))),
    behaviour: originBehaviour(message, answers),
    handlers: {},
    admit: options.replay?.admit,
    peer: held.peer,
    epoch: held.epoch,
    limit: 0,
    assure: held.assure,
    resource,
    onFenced: stop,
  })
  const caretaker = createCaretaker({ ...options, resource })
  let origin: ConversationRecord | undefined
  let looks = 0
  let forced = 0
  let saidOver = false
  let endingSince: number | undefined

  /** It stands in the record of the run, its report and its trace, whoever reads them. */
  const told = ({ outcome, reason }: Conclusion): Conclusion => ({
    outcome,
    reason: reason !== null && options.redact !== undefined ? options.redact(reason) : reason,
  })

  /** As far as it can be read: what cannot keeps nobody from an end (R5). */
  const history = async () =>
    (await bus.records.history(runPrefix(run))).flatMap(({ value }) => readableRecord(value) ?? [])

  /** Does what is next, and answers how long until there may be something else, or undefined when it is over. */
  async function advance(record: RunRecord, step: Step): Promise<number | undefined> {
    const now = clock.now()
    switch (step.kind) {
      case 'over':
        sayOver(record)
        return undefined
      case 'wait':
        return step.ms
      case 'end': {
        const conclusion = told(
          step.isQuiet ? quietConclusion(await history()) : await explained(step.conclusion),
        )
        await held.assure()
        log.info('the run ends', { run, outcome: conclusion.outcome, reason: conclusion.reason ?? undefined })
        await endRun(bus.records, run, conclusion, now)
        return 0
      }
      case 'collect':
        // Hosts close what they have at once; the first look is for what is left then.
        if (looks++ > 0) {
          await caretaker.look(record.reason ?? `it ended as ${record.outcome}`, step.force)
          if (step.force) forced++
        }
        return looks === 1 ? LOOK_MS.first : LOOK_MS.later
      case 'announce': {
        const { writtenOff } = step.end
        const conclusion = told(record.state === 'open' ? await located(step.end) : step.end)
        // Before: of a run that is over, anybody may purge the journal.
        await handOverSpans(record)
        await held.assure()
        if (record.limits !== null) await closeQuota()
        const end = { ...conclusion, writtenOff, announced: { resource, after: lastTurn() } }
        const announced = await announceEnd(bus.records, run, end, now)
        if (announced !== undefined && announced.endedAt === now) measureRun(options.meter, announced)
        if (announced !== undefined) sayOver(announced)
        log.info('the run is over', { run, outcome: conclusion.outcome, writtenOff: writtenOff ?? undefined })
        return 0
      }
      default:
        return assertNever(step)
    }
  }

  const lastTurn = () => (origin?.trace.sampled ? turnSpanId(origin) : null)

  /** Also where the answer to an announcement of ours was lost. A copy of it is the same span. */
  function sayOver(record: RunRecord): void {
    const over = saidOver ? undefined : overSpan(record)
    saidOver = true
    if (over !== undefined) options.spans.emit([over])
  }

  /** What a collector may not have heard of. A trace that cannot be read keeps nobody from an end. */
  async function handOverSpans({ sampled, root }: RunRecord): Promise<void> {
    if (!sampled || options.spans.isDeaf) return
    try {
      const journal = await history()
      options.spans.emit([root, ...openSpans(journal), ...owedSpans(journal)])
      await options.spans.flush?.()
    } catch (error) {
      if (isBusAway(error)) throw error
      log.warn('the spans of a run could not be read', { run, error: String(error) })
    }
  }

  /** An account that cannot be read keeps nobody from an end. @throws UnavailableError, AmbiguousError */
  async function closeQuota(): Promise<void> {
    try {
      await quotas.close(run)
    } catch (error) {
      if (isBusAway(error)) throw error
      log.error('the quota of a run could not be closed', { run, error: String(error) })
    }
  }

  /** Who reached a limit did so on a way, and who ran out of time may have waited for a person. */
  async function located(conclusion: Conclusion): Promise<Conclusion> {
    if (conclusion.outcome !== 'exhausted') return conclusion
    const journal = await history()
    return withPeople(withWay(conclusion, journal), journal)
  }

  /** Who ran out of time may have waited for somebody who was not there. */
  async function explained(given: Conclusion): Promise<Conclusion> {
    const conclusion = await located(given)
    if (conclusion.outcome !== 'exhausted' || options.explain === undefined) return conclusion
    const late = new AbortController()
    const patience = sleep(clock, EXPLAIN_MS, late.signal).then((): readonly string[] => [])
    const reasons = await Promise.race([options.explain(), patience]).catch(() => [])
    late.abort()
    return { ...conclusion, reason: [conclusion.reason, ...reasons].filter(Boolean).join('; ') }
  }

  async function attend(): Promise<void> {
    for (;;) {
      hurry = new AbortController()
      if (stopping.signal.aborted) return
      let pause: number | undefined
      try {
        const record = await runs.find(run)
        if (record === undefined) return // purged: nobody needs its accounts
        const now = clock.now()
        if (record.state === 'ending') endingSince ??= now
        const endingForMs = now - (endingSince ?? now)
        const graceMs = GRACE_LIVES * bus.leases.ttlMs
        pause = await advance(record, nextStep({ record, origin, now, endingForMs, graceMs, forced }))
        if (pause === 0 && runs.known(run)?.state !== 'over') await refresh()
      } catch (error) {
        log.warn('the accounts of a run wait', { run, error: String(error) })
        pause = LOOK_MS.failed
      }
      if (pause === undefined) return
      await sleep(clock, pause, hurry.signal)
    }
  }

  /** What was just written is not heard of by the watch yet. */
  async function refresh(): Promise<void> {
    const read = await readRun(bus.records, run)
    if (read !== undefined) runs.note(read.record)
  }

  const key = recordKey(conversationId(run, ORIGIN_CONVERSATION))
  const watch = await bus.records.watch(key)
  async function following(): Promise<void> {
    for await (const entry of watch) {
      origin = decodeRecord(entry.value)
      hurry.abort()
    }
  }
  const unfollow = runs.follow((record) => {
    if (record.run === run) hurry.abort()
  })
  const lose = () => {
    host.stop()
    stop()
  }
  if (held.lost.aborted) lose()
  else held.lost.addEventListener('abort', lose, { once: true })
  const listening = following().catch((error) =>
    log.error('the watch of an origin broke off', { run, error: String(error) }),
  )
  let attending = Promise.resolve()

  async function leave(): Promise<void> {
    stop()
    held.lost.removeEventListener('abort', lose)
    unfollow()
    watch.close()
    await Promise.all([listening, attending])
    await host.drain().finally(quotas.stop)
    if (options.owners === undefined) await owners.stop()
    if (options.runs === undefined) runs.stop()
  }

  try {
    if (options.runs === undefined) await runs.start()
    if (options.owners === undefined) await owners.start()
    await host.start()
  } catch (error) {
    await leave().catch(() => {}) // that it did not begin says more
    throw error
  }
  attending = attend()
  let leaving: Promise<void> | undefined
  return {
    run,
    done: attending,
    drain() {
      leaving ??= leave()
      return leaving
    },
  }
}

/** Each message once: what begins a run may be among its answers, and they may be skein's own. */
const definitions = (message: MessageDefinition, answers: readonly MessageDefinition[]) => {
  const nameOf = ({ type, version }: MessageDefinition) => `${type} ${version}`
  const own = new Set(
    [...Object.values(runProtocol.messages), ...Object.values(failure.messages)].map(nameOf),
  )
  const all = new Map([message, ...answers].map((definition) => [nameOf(definition), definition]))
  return [...all.values()].filter((definition) => !own.has(nameOf(definition)))
}
