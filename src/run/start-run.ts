/**
 * Starting a run and seeing it through: the run's record, its origin in this process, the first message, then the
 * journal until the origin has its answer. Whatever is reported of a run is read off its journal.
 */
import type { MessageDefinition } from '../../protocols/define.ts'
import { failure } from '../../protocols/failure.ts'
import { type BlobHash, conversationId, messageId, type RunId, runId } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { GEN_AI, GEN_AI_OPERATION, invokeWorkflowName, SKEIN } from '../../traces/names.ts'
import { spanIdOf, traceIdOf, traceparent } from '../../traces/propagation.ts'
import type { Span } from '../../traces/span.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import { createCodec } from '../codec/codec.ts'
import { resourceOf } from '../peer/hosted-peer.ts'
import { type HeldPeer, holdPeer, type LeaseOptions, PeerTakenError } from '../peer/lease.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Timer } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { createHost } from '../turn/host.ts'
import { type ConversationRecord, decodeRecord, runPrefix } from '../turn/record.ts'
import { ORIGIN_CONVERSATION, ORIGIN_ROLE, type OriginOutput, originBehaviour, originPeer } from './origin.ts'
import { encodeRun, type RunRecord, readRun, runKey } from './run-record.ts'
import { formatStake, WHOLE_STAKE } from './stake.ts'
import { isQuiet } from './summary.ts'
import { openSpans } from './trace.ts'

/** The message a run begins with, the role it goes to, and what may answer it. */
export type Start = {
  readonly role: string
  readonly message: MessageDefinition
  readonly body: unknown
  readonly answers: readonly MessageDefinition[]
}

export type StartRunOptions = ProcessPorts & {
  readonly run: RunId
  /** For people. */
  readonly goal: string
  readonly start: Start
  readonly base?: BlobHash
  readonly documents?: BlobHash
  /** Directory of the workspace on this machine. */
  readonly workspace?: string
  /** Milliseconds until the run is stopped. */
  readonly timeoutMs: number
  /** The lease of the run's origin, where the caller announced the run; it stays the caller's. */
  readonly lease?: HeldPeer
  /** Longest chain of messages, each caused by the one before. */
  readonly hops?: number
  /** Whether a trace is recorded: decided here, for the whole run. */
  readonly sampled?: boolean
  /** Sees every commit of the run. */
  readonly onCommit?: (record: ConversationRecord) => void
  /** Stops the run. */
  readonly signal?: AbortSignal
}

export type RunEnd = {
  readonly record: RunRecord
  /** Undefined when the run was stopped before its origin had an answer. */
  readonly output: OriginOutput | undefined
  /** Every commit, oldest first. */
  readonly journal: readonly ConversationRecord[]
}

const HOPS = 64
/** How long a run that has its answer may take to fall quiet, in milliseconds. */
const QUIET_MS = 3_000

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

/** @throws UnavailableError, PeerTakenError when a run of that name is under way */
export async function startRun(options: StartRunOptions): Promise<RunEnd> {
  const { bus, clock, run, log } = options
  const lease = options.lease ?? (await holdOrigin(run, { leases: bus.leases, clock, log }))
  try {
    return await seeThrough(options, lease.epoch)
  } finally {
    if (options.lease === undefined) await lease.release()
  }
}

async function seeThrough(options: StartRunOptions, epoch: number): Promise<RunEnd> {
  const { bus, clock, run, start } = options
  const peer = originPeer(run)
  const startedAt = clock.now()
  const deadline = startedAt + options.timeoutMs
  const root = rootSpan(options, startedAt)
  const record: RunRecord = {
    format: 1,
    run,
    goal: options.goal,
    origin: peer,
    base: options.base ?? null,
    documents: options.documents ?? null,
    workspace: options.workspace ?? null,
    startedAt,
    deadline,
    state: 'open',
    outcome: null,
    reason: null,
    endedAt: null,
    root,
  }
  const behaviour = originBehaviour(start.message, start.answers)
  const revision = await bus.records.append(runKey(run), encodeRun(record), 0)
  const registry = createRegistry([runProtocol, failure], [start.message, ...start.answers])
  const codec = createCodec(registry)
  const host = createHost({
    ...options,
    codec,
    behaviour,
    handlers: {},
    peer,
    epoch,
    limit: 0,
    resource: resourceOf(options, peer),
  })
  const watch = await bus.records.watch(runPrefix(run))
  const stopWatching = () => watch.close()
  options.signal?.addEventListener('abort', stopWatching, { once: true })
  options.spans.emit(options.sampled === false ? [] : [root])
  let patience: Timer | undefined
  try {
    await host.start()
    const [from, to] = [conversationId(run, 'submit'), conversationId(run, ORIGIN_CONVERSATION)]
    const id = messageId(from, to, 1)
    await bus.mailboxes.put(
      { kind: 'peer', peer },
      codec.encode({
        id,
        type: runProtocol.messages.start.type,
        version: runProtocol.version,
        from: { role: ORIGIN_ROLE, peer, conversation: from },
        to: { role: ORIGIN_ROLE, conversation: to },
        run,
        slip: [],
        deadline,
        hops: options.hops ?? HOPS,
        stake: formatStake(WHOLE_STAKE),
        sentAt: startedAt,
        traceparent: traceparent(root, options.sampled !== false),
        body: { role: start.role, type: start.message.type, body: start.body as never },
      }),
      { dedup: id },
    )
    const journal: ConversationRecord[] = []
    let output: OriginOutput | undefined
    if (!options.signal?.aborted) {
      for await (const entry of watch) {
        const commit = decodeRecord(entry.value)
        journal.push(commit)
        options.onCommit?.(commit)
        if (commit.conversation === to && commit.phase === 'closed' && output === undefined) {
          output = outputOf(commit)
          patience = clock.setTimer(QUIET_MS, stopWatching)
        }
        if (output !== undefined && isQuiet(journal)) break
      }
    }
    // Whoever hosts a conversation emits its span when it closes; of those that never will, this is the last to know.
    options.spans.emit(openSpans(journal))
    return { record: await closeRun(options, record, revision, output), output, journal }
  } finally {
    patience?.cancel()
    watch.close()
    options.signal?.removeEventListener('abort', stopWatching)
    await host.drain()
  }
}

const outputOf = (commit: ConversationRecord): OriginOutput =>
  (commit.output as OriginOutput | null) ?? {
    kind: 'failure',
    failure: 'error',
    reason: commit.problem ?? 'the origin failed',
  }

function rootSpan(options: StartRunOptions, startedAt: number): Span {
  const { run } = options
  return {
    traceId: traceIdOf(run),
    spanId: spanIdOf(run),
    name: invokeWorkflowName('mesh'),
    kind: 'internal',
    startMs: startedAt,
    endMs: options.clock.now(),
    attributes: {
      [SKEIN.run]: run,
      [SKEIN.topology]: 'mesh',
      [GEN_AI.operationName]: GEN_AI_OPERATION.invokeWorkflow,
    },
    resource: resourceOf(options, originPeer(run)),
  }
}

/** Times that an end without an answer is written before it is left open. */
const CLOSE_TRIES = 5

/** Writes how the run ended. Its peers see it there; nobody waits for them. */
async function closeRun(
  options: StartRunOptions,
  record: RunRecord,
  revision: number,
  output: OriginOutput | undefined,
): Promise<RunRecord> {
  const endedAt = options.clock.now()
  const isLate = endedAt >= record.deadline
  const over: RunRecord = { ...record, state: 'over', endedAt, ...verdictOn(output, isLate) }
  const { records } = options.bus
  for (let attempt = 1; ; attempt++) {
    try {
      await records.append(runKey(record.run), encodeRun(over), revision)
      return over
    } catch (error) {
      if (!(error instanceof AmbiguousError || error instanceof ConflictError)) throw error
      const written = await readRun(records, record.run)
      if (written?.record.endedAt === over.endedAt) return over
      if (error instanceof ConflictError || attempt >= CLOSE_TRIES) throw error
    }
  }
}

/** How a run ended, from what its origin got. */
function verdictOn(output: OriginOutput | undefined, isLate: boolean): Pick<RunRecord, 'outcome' | 'reason'> {
  if (output === undefined) return { outcome: 'cancelled', reason: 'it was stopped' }
  if (output.kind === 'failure') {
    // Past the deadline everything fails, and the first to say so is not the cause.
    const isExhausted = isLate || output.failure === 'timeout' || output.failure === 'exhausted'
    return { outcome: isExhausted ? 'exhausted' : 'failed', reason: output.reason }
  }
  const result = runProtocol.messages.result.body.safeParse(output.body)
  if (output.type !== runProtocol.messages.result.type || !result.success)
    return { outcome: 'completed', reason: null }
  return { outcome: result.data.outcome, reason: result.data.reason }
}
