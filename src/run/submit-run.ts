/**
 * Submitting a run: its first message, then its record. From then on it is there for everybody, whoever hosts its
 * origin. The message comes first, so that no run is ever there without one; without a record nobody looks at it.
 */
import type { MessageDefinition } from '../../protocols/define.ts'
import type { Message } from '../../protocols/envelope.ts'
import { failure } from '../../protocols/failure.ts'
import { type BlobHash, conversationId, messageId, type RunId, roleName } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { GEN_AI, GEN_AI_OPERATION, invokeWorkflowName, SKEIN } from '../../traces/names.ts'
import { spanIdOf, traceIdOf, traceparent } from '../../traces/propagation.ts'
import type { Span } from '../../traces/span.ts'
import type { Bus } from '../bus/bus.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import { createCodec } from '../codec/codec.ts'
import type { Prices } from '../model/prices.ts'
import { MESH, type Topology } from '../topology/topology.ts'
import { checkStart, knownMessage } from './origin.ts'
import { ORIGIN_CONVERSATION, ORIGIN_ROLE, originPeer } from './origin-address.ts'
import type { Limits } from './quota.ts'
import { encodeRun, type PeopleWishes, type RunRecord, readRun, runKey } from './run-record.ts'
import { formatStake, WHOLE_STAKE } from './stake.ts'

/** The message a run begins with, the role it goes to, and what may answer it. */
export type Start = {
  readonly role: string
  readonly message: MessageDefinition
  readonly body: unknown
  readonly answers: readonly MessageDefinition[]
}

export type SubmitRunOptions = {
  readonly bus: Bus
  readonly run: RunId
  /** For people. */
  readonly goal: string
  readonly start: Start
  readonly base?: BlobHash
  readonly documents?: BlobHash
  /** Directory of the workspace on this machine. */
  readonly workspace?: string
  /** How its agents are wired: a mesh unless given. */
  readonly topology?: Topology | undefined
  /** What it wants of people. */
  readonly people?: PeopleWishes | undefined
  /** Name of the model, for people. */
  readonly model?: string
  /** Milliseconds since 1970, by which it is stopped. */
  readonly deadline: number
  readonly now: number
  /** Longest chain of messages, each caused by the one before. */
  readonly hops?: number | undefined
  /** What it may spend. */
  readonly limits?: Limits | undefined
  /** Prices of models, besides those that are listed. */
  readonly prices?: Prices | undefined
  /** Whether a trace is recorded: decided here, for the whole run. */
  readonly sampled?: boolean
  /** Resource attributes of the root span. */
  readonly resource: Span['resource']
}

export const HOPS = 64

/** Times that a write without an answer is made again. */
const TRIES = 5

/**
 * @throws InvalidError `invalid.start`, `invalid.body`; ConflictError where there is a run of that name;
 * UnavailableError, AmbiguousError
 */
export async function submitRun(options: SubmitRunOptions): Promise<RunRecord> {
  const { bus, run, start, now, deadline, hops = HOPS, sampled = true } = options
  checkStart(start.message)
  const root = rootSpan(options)
  const peer = originPeer(run)
  const body = start.message.body.parse(start.body)
  const codec = createCodec(createRegistry([runProtocol, failure]))
  const beginning = { role: start.role, type: start.message.type, body }
  const message = startMessage({ run, deadline, hops, root, sampled, startedAt: now }, beginning)
  const frame = codec.encode(message)
  const record: RunRecord = {
    ...{ format: 1, run, goal: options.goal, origin: peer, sampled, model: options.model ?? '', root },
    ...{ base: options.base ?? null, documents: options.documents ?? null },
    workspace: options.workspace ?? null,
    ...{ limits: options.limits ?? null, prices: options.prices ?? null },
    ...(options.topology && { topology: options.topology }),
    ...(options.people && { people: options.people }),
    start: {
      role: roleName(start.role),
      message: knownMessage(start.message),
      answers: start.answers.map(knownMessage),
    },
    ...{ startedAt: now, deadline, state: 'open', outcome: null, reason: null },
    ...{ endingAt: null, endedAt: null, writtenOff: null },
  }
  await untilAnswered(() => bus.mailboxes.put({ kind: 'peer', peer }, frame, { dedup: message.id }))
  await untilAnswered(async () => {
    const bytes = encodeRun(record)
    await bus.records.append(runKey(run), bytes, 0).catch(async (error) => {
      const written = error instanceof ConflictError ? await readRun(bus.records, run) : undefined
      // Our own, where its answer was lost.
      if (written?.record.root.startMs !== now || written.record.goal !== record.goal) throw error
    })
  })
  return record
}

/** The message that a run begins with. No conversation sends it. @param body what the origin is to send, and to whom */
export function startMessage(
  {
    run,
    deadline,
    hops,
    root,
    sampled,
    startedAt,
  }: Pick<RunRecord, 'run' | 'deadline' | 'root' | 'sampled' | 'startedAt'> & { readonly hops: number },
  body: unknown,
): Message {
  const [from, to] = [conversationId(run, 'submit'), conversationId(run, ORIGIN_CONVERSATION)]
  return {
    ...{ id: messageId(from, to, 1), run, deadline, hops, body },
    ...{ type: runProtocol.messages.start.type, version: runProtocol.version },
    from: { role: ORIGIN_ROLE, peer: originPeer(run), conversation: from },
    to: { role: ORIGIN_ROLE, conversation: to },
    slip: [],
    stake: formatStake(WHOLE_STAKE),
    sentAt: startedAt,
    traceparent: traceparent(root, sampled),
  }
}

/** What is written again comes to the same: the put has its dedup, the append its revision. */
async function untilAnswered(write: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof AmbiguousError) || attempt >= TRIES) throw error
    }
  }
}

/** It ends as it begins: nobody owns a run, so no span lives as long as one. */
const rootSpan = ({ run, now, resource, topology = MESH }: SubmitRunOptions): Span => ({
  traceId: traceIdOf(run),
  spanId: spanIdOf(run),
  name: invokeWorkflowName(topology.name),
  kind: 'internal',
  startMs: now,
  endMs: now,
  attributes: {
    [SKEIN.run]: run,
    [SKEIN.topology]: topology.name,
    [SKEIN.placement]: topology.placement,
    [GEN_AI.operationName]: GEN_AI_OPERATION.invokeWorkflow,
  },
  resource,
})
