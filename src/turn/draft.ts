/** The next record while a turn works on it: a copy whose fields may be replaced, never changed in place. */

import type { AnyMachineSnapshot } from 'xstate'
import type { Envelope } from '../../protocols/envelope.ts'
import { type ConversationId, type MessageId, type PeerId, runOf } from '../../protocols/ids.ts'
import { parseTraceparent, spanIdOf, traceIdOf } from '../../traces/propagation.ts'
import { formatStake, NO_STAKE } from '../run/stake.ts'
import type { Behaviour, Wiring } from './behaviour.ts'
import type { MachineEvent } from './interpreter.ts'
import type { ConversationRecord, OutboxEntry } from './record.ts'
import type { Ways } from './way.ts'

/** What the host tells a turn: nothing else that changes from one attempt to the next may matter (T5). */
export type TurnContext = {
  readonly peer: PeerId
  readonly epoch: number
  readonly nonce: string
  readonly host: string
  readonly pid: number
  /** When the host took the input in hand, and when it takes the turn; milliseconds since 1970. */
  readonly takenAt: number
  readonly now: number
  /** Fail the conversation with this, instead of asking its machine. */
  readonly problem?: string
  /** The run has no messages left: what would be sent fails instead. */
  readonly outOfMessages?: boolean
  /** Whether the run is traced; for a conversation that a stranger opens, whose own trace says nothing of it. */
  readonly sampled?: boolean | undefined
  /** Of the run; `peers` unless given. */
  readonly wiring?: Wiring | undefined
  /** Tools whose calls need a person's approval in this run; none unless given. */
  readonly approve?: readonly string[] | undefined
  /** Ways of messages that this turn sends. What has none here goes to its mailbox at once. */
  readonly ways?: Ways | undefined
  /** Resource attributes of the spans. */
  readonly resource: Readonly<Record<string, string | number>>
}

/** Of a message; `late`: its failure came before it, `none`: it is no machine's business. */
export type Disposition = 'taken' | 'deferred' | 'refused' | 'late' | 'none'

const NO_WAYS: Ways = new Map()

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

export type Draft = Mutable<ConversationRecord> & {
  now: number
  /** Resource attributes of the spans. */
  resource: TurnContext['resource']
  live: AnyMachineSnapshot | undefined
  /** Events of the host's own that are still to be offered in this turn. */
  events: MachineEvent[]
  /** How many effects and timers this turn has named. */
  named: number
  outOfMessages: boolean
  ways: Ways
  approve: readonly string[]
  /** What the topology kept this turn from sending. */
  barred: { id: MessageId; reason: string }[]
  /** A limit that kept this turn from sending something. */
  limit: ConversationRecord['took']['limit']
  /** The code of `problem`. */
  problemCode: string | undefined
  /** What became of the message that this turn took. */
  disposition: Disposition | undefined
  /** Messages kept for later that this turn, the last one, ended without. */
  unheard: number
  /** Messages sent by this turn, with their spans. */
  sends: (OutboxEntry & { readonly spanId: string })[]
}

/** The record of a draft. */
export function sealed(draft: Draft): ConversationRecord {
  const {
    now: _now,
    resource: _resource,
    live: _live,
    events: _events,
    named: _named,
    limit: _limit,
    ways: _ways,
    approve: _approve,
    barred: _barred,
    outOfMessages: _outOfMessages,
    sends: _sends,
    problemCode: _problemCode,
    disposition: _disposition,
    unheard: _unheard,
    ...record
  } = draft
  return record
}

/** The draft of a conversation that a message opens. */
export function openDraft(
  behaviour: Pick<Behaviour, 'role' | 'machine'>,
  message: Envelope,
  context: TurnContext,
): Draft {
  const conversation: ConversationId = message.to.conversation
  const run = runOf(conversation)
  const traceId = traceIdOf(run)
  const cause = parseTraceparent(message.traceparent)
  const parent = cause?.traceId === traceId ? cause : undefined
  return {
    format: 1,
    conversation,
    run,
    role: behaviour.role,
    machine: behaviour.machine,
    owner: context.peer,
    turn: 1,
    phase: 'open',
    snapshot: null,
    output: null,
    problem: null,
    seen: {},
    deferred: [],
    outbox: [],
    effects: [],
    timers: [],
    requests: [],
    awaiting: [],
    sent: {},
    limits: { deadline: message.deadline, hops: message.hops },
    stake: formatStake(NO_STAKE),
    trace: {
      // A run has one trace, of its own. Who comes from another one is linked, and two runs that are begun from the same
      // span stay apart.
      traceId,
      spanId: spanIdOf(conversation),
      parentSpanId: parent?.spanId ?? spanIdOf(run),
      startedAt: context.takenAt,
      sampled: parent?.sampled ?? context.sampled ?? true,
    },
    spans: [],
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, tools: 0 },
    took: { event: '', from: '', to: '' },
    ...stamp(context),
    ...nothingDone(context),
  }
}

/** The draft of a further turn. What the last one sent is out by now. */
export function nextDraft(record: ConversationRecord, context: TurnContext): Draft {
  return {
    ...record,
    ...stamp(context),
    owner: context.peer,
    turn: record.turn + 1,
    outbox: [],
    spans: [],
    ...nothingDone(context),
  }
}

/** What of a draft is not of its record, before the machine was asked. */
const nothingDone = (context: TurnContext) => ({
  now: context.now,
  resource: context.resource,
  live: undefined,
  events: [],
  named: 0,
  limit: undefined,
  outOfMessages: context.outOfMessages ?? false,
  ways: context.ways ?? NO_WAYS,
  approve: context.approve ?? [],
  barred: [],
  problemCode: undefined,
  disposition: undefined,
  unheard: 0,
  sends: [],
})

/** Who commits, and when. */
export function stamp(context: TurnContext) {
  return {
    epoch: context.epoch,
    nonce: context.nonce,
    by: { peer: context.peer, host: context.host, pid: context.pid },
    at: context.now,
  }
}
