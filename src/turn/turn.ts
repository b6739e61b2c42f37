/**
 * A turn: one input for one conversation, from one record to the next. A pure function (T5): the same record, input
 * and context give the same next record, span ids included.
 *
 * It keeps T1 (the seen set, and names of effects and timers that must be pending), and prepares T2 (what is sent
 * stands in the outbox of the record, nowhere else).
 */

import type { Envelope, Message } from '../../protocols/envelope.ts'
import { assertNever } from '../../protocols/errors.ts'
import { failure } from '../../protocols/failure.ts'
import { type ConversationId, type MessageId, partsOf, runOf } from '../../protocols/ids.ts'
import { parseTraceparent, spanIdOf, traceIdOf } from '../../traces/propagation.ts'
import { addStake, formatStake, NO_STAKE, parseStake } from '../run/stake.ts'
import { type Behaviour, inputOf } from './behaviour.ts'
import { type Draft, sealed, type TurnContext } from './draft.ts'
import type { EffectResult } from './effects.ts'
import { MachineError, type MachineEvent, type Step } from './interpreter.ts'
import { jsonProblem } from './json.ts'
import { fail, failureEvent, send } from './outgoing.ts'
import { type ConversationRecord, needsHost, type Request } from './record.ts'
import { hasSeen, withSeen } from './seen.ts'
import { conversationSpan, effectSpan, turnSpanId, turnSpans } from './spans.ts'

export type TurnInput =
  | { readonly kind: 'message'; readonly message: Message }
  /** An effect ended. */
  | { readonly kind: 'outcome'; readonly effect: string; readonly result: EffectResult }
  /** A delayed event of the machine is due. */
  | { readonly kind: 'timer'; readonly timer: string }
  /** A message whose envelope could be read and whose body could not: its sender is told, no machine sees it. */
  | { readonly kind: 'unreadable'; readonly envelope: Envelope; readonly reason: string }
  /** No answer came in time. */
  | { readonly kind: 'overdue'; readonly message: MessageId }

export type Turn =
  | { readonly kind: 'commit'; readonly record: ConversationRecord }
  /** Nothing changes: it was taken before, is no longer pending, or answers a conversation that never was. */
  | { readonly kind: 'nothing'; readonly why: 'seen' | 'stale' | 'unopened' }

/** Events a conversation keeps for a state that takes them. One more is refused. */
export const DEFERRED_LIMIT = 64

/** Failures of its own making that one turn may offer to a machine before it counts as looping. */
const OWN_EVENTS_LIMIT = 100

export function takeTurn(
  behaviour: Behaviour,
  record: ConversationRecord | undefined,
  input: TurnInput,
  context: TurnContext,
): Turn {
  const why = reasonForNothing(record, input)
  if (why !== undefined) return { kind: 'nothing', why }
  const draft = record === undefined ? opened(behaviour, envelopeOf(input)!, context) : next(record, context)
  const from = stateOf(draft)
  let event: string = input.kind
  try {
    if (context.problem !== undefined) throw new MachineError('stopped', context.problem)
    if (draft.snapshot !== null) draft.live = behaviour.interpreter.restore(draft.snapshot)
    else if (draft.phase === 'open' && input.kind === 'message') {
      absorb(draft, behaviour, behaviour.interpreter.start(inputOf(draft.conversation)))
    }
    event = take(draft, behaviour, input)
    offerOwn(draft, behaviour)
  } catch (error) {
    if (!(error instanceof MachineError)) throw error
    draft.problem = error.message
    if (input.kind === 'message') note(draft, behaviour, input.message)
  }
  finish(draft, behaviour)
  draft.took = { event, from, to: stateOf(draft), ...idOf(input) }
  draft.spans = [...draft.spans, ...turnSpans(draft, behaviour, input, context)]
  if (draft.phase === 'closed' && record?.phase !== 'closed')
    draft.spans = [...draft.spans, conversationSpan(sealed(draft), context.resource)]
  return { kind: 'commit', record: sealed(draft) }
}

/**
 * What is left once everything in the outbox was published: the record without it, parked if nothing else needs a
 * host, or undefined if that commit can wait for the next turn.
 */
export function settled(record: ConversationRecord, context: TurnContext): ConversationRecord | undefined {
  const after: ConversationRecord = { ...record, outbox: [] }
  if (record.outbox.length === 0 || needsHost(after)) return undefined
  return {
    ...after,
    ...stamp(context),
    owner: null,
    spans: [],
    took: { event: 'settled', from: record.took.to, to: record.took.to },
  }
}

/** Taken before, no longer pending, or not able to open the conversation it is for. */
function reasonForNothing(
  record: ConversationRecord | undefined,
  input: TurnInput,
): 'seen' | 'stale' | 'unopened' | undefined {
  const envelope = envelopeOf(input)
  if (envelope === undefined) return record !== undefined && isPending(record, input) ? undefined : 'stale'
  if (record !== undefined && hasSeen(record.seen, envelope.id)) return 'seen'
  const started = record !== undefined && (record.snapshot !== null || record.phase === 'closed')
  return started || opens(envelope) ? undefined : 'unopened'
}

/** What the turn took, for those who read the journal. */
function idOf(input: TurnInput): { id?: string } {
  if (input.kind === 'outcome') return { id: input.effect }
  const envelope = envelopeOf(input)
  return envelope === undefined ? {} : { id: envelope.id }
}

function envelopeOf(input: TurnInput): Envelope | undefined {
  if (input.kind === 'message') return input.message
  return input.kind === 'unreadable' ? input.envelope : undefined
}

/** A failure tells of something; it never begins anything. Nor does an answer to what was never asked. */
const opens = (envelope: Envelope) =>
  envelope.type !== failure.messages.failure.type &&
  (envelope.correlation === undefined || partsOf(envelope.correlation).from !== envelope.to.conversation)

function isPending(record: ConversationRecord, input: TurnInput): boolean {
  switch (input.kind) {
    case 'outcome':
      return record.effects.some((effect) => effect.name === input.effect)
    case 'timer':
      return record.timers.some((timer) => timer.name === input.timer)
    case 'overdue':
      return record.awaiting.some((awaiting) => awaiting.id === input.message)
    default:
      return false
  }
}

function stamp(context: TurnContext) {
  return {
    epoch: context.epoch,
    nonce: context.nonce,
    by: { peer: context.peer, host: context.host, pid: context.pid },
    at: context.now,
  }
}

function opened(behaviour: Behaviour, message: Envelope, context: TurnContext): Draft {
  const conversation: ConversationId = message.to.conversation
  const run = runOf(conversation)
  const parent = parseTraceparent(message.traceparent)
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
      traceId: parent?.traceId ?? traceIdOf(run),
      spanId: spanIdOf(conversation),
      parentSpanId: parent?.spanId ?? null,
      startedAt: context.takenAt,
      sampled: parent?.sampled ?? true,
    },
    spans: [],
    usage: { calls: 0, inputTokens: 0, outputTokens: 0, tools: 0 },
    took: { event: '', from: '', to: '' },
    ...stamp(context),
    now: context.now,
    live: undefined,
    events: [],
    named: 0,
    sends: [],
  }
}

function next(record: ConversationRecord, context: TurnContext): Draft {
  return {
    ...record,
    ...stamp(context),
    owner: context.peer,
    turn: record.turn + 1,
    outbox: [],
    spans: [],
    now: context.now,
    live: undefined,
    events: [],
    named: 0,
    sends: [],
  }
}

/** Applies the input, and answers the name of the event that it was. */
function take(draft: Draft, behaviour: Behaviour, input: TurnInput): string {
  switch (input.kind) {
    case 'message':
      receive(draft, behaviour, input.message)
      return input.message.type
    case 'unreadable': {
      const { envelope, reason } = input
      receipt(draft, envelope)
      fail(draft, { ...envelope, slip: [...envelope.slip], answeredBy: [] }, 'invalid', reason)
      return envelope.type
    }
    case 'outcome': {
      const effect = draft.effects.find((pending) => pending.name === input.effect)!
      const { result } = input
      draft.effects = draft.effects.filter((pending) => pending !== effect)
      draft.usage = {
        calls: draft.usage.calls + (result.usage ? 1 : 0),
        inputTokens: draft.usage.inputTokens + (result.usage?.inputTokens ?? 0),
        outputTokens: draft.usage.outputTokens + (result.usage?.outputTokens ?? 0),
        tools: draft.usage.tools + (result.usage ? 0 : 1),
      }
      if (draft.trace.sampled) draft.spans = [...draft.spans, effectSpan(draft, effect, result)]
      const type = `xstate.${result.ok ? 'done' : 'error'}.actor.${effect.invoke}`
      offer(draft, behaviour, {
        type,
        actorId: effect.invoke,
        ...(result.ok ? { output: result.output } : { error: result.error }),
      })
      return type
    }
    case 'timer': {
      const timer = draft.timers.find((pending) => pending.name === input.timer)!
      draft.timers = draft.timers.filter((pending) => pending !== timer)
      offer(draft, behaviour, timer.event)
      return timer.event.type
    }
    case 'overdue': {
      const awaiting = draft.awaiting.find((pending) => pending.id === input.message)!
      draft.awaiting = draft.awaiting.filter((pending) => pending !== awaiting)
      offer(
        draft,
        behaviour,
        failureEvent(
          awaiting.id,
          'timeout',
          `no answer to "${awaiting.type}" from ${awaiting.to.role} in time`,
        ),
      )
      return 'failure'
    }
    default:
      return assertNever(input)
  }
}

/** The turn failed before the message was taken in: it counts as taken all the same, and its sender is told. */
function note(draft: Draft, behaviour: Behaviour, message: Message): void {
  if (hasSeen(draft.seen, message.id)) return
  receipt(draft, message)
  const request = requestOf(behaviour, message)
  if (request !== undefined) draft.requests = [...draft.requests, request]
}

function receipt(draft: Draft, message: Envelope): void {
  draft.seen = withSeen(draft.seen, message.id)
  draft.stake = formatStake(addStake(parseStake(draft.stake), parseStake(message.stake)))
}

function receive(draft: Draft, behaviour: Behaviour, message: Message): void {
  receipt(draft, message)
  const answersUs =
    message.correlation !== undefined && partsOf(message.correlation).from === draft.conversation
  if (answersUs) {
    const before = draft.awaiting.length
    draft.awaiting = draft.awaiting.filter((awaiting) => awaiting.id !== message.correlation)
    if (draft.awaiting.length === before) return // late: its failure was handed over already
  } else {
    draft.limits = { deadline: message.deadline, hops: message.hops }
  }
  const isFailure = message.type === failure.messages.failure.type
  if (draft.phase === 'closed') refuse(draft, behaviour, message, 'the conversation is over')
  else if (isFailure || behaviour.accepts.has(message.type))
    offer(draft, behaviour, eventOf(message), message)
  else refuse(draft, behaviour, message, `role "${behaviour.role}" does not take "${message.type}"`)
}

function refuse(draft: Draft, behaviour: Behaviour, message: Message, reason: string): void {
  const request = requestOf(behaviour, message)
  if (request !== undefined) fail(draft, request, 'refused', reason)
}

/** Hands an event to the machine if the state takes it; else keeps the message for a later state. */
function offer(draft: Draft, behaviour: Behaviour, event: MachineEvent, message?: Message): void {
  if (draft.live === undefined || draft.live.status !== 'active') return
  if (draft.live.can(event as never)) {
    consume(draft, behaviour, event, message)
    offerDeferred(draft, behaviour)
    return
  }
  if (event.type === failure.messages.failure.type && !behaviour.interpreter.knows(event.type)) {
    throw new MachineError(
      'unhandled-failure',
      `a failure reached role "${behaviour.role}", whose machine handles none: ${(event.body as { reason: string }).reason}`,
    )
  }
  if (event.type.startsWith('xstate.error.')) {
    const { code, message: text } = event.error as { code: string; message: string }
    throw new MachineError(
      'unhandled-error',
      `"${event.actorId}" failed and role "${behaviour.role}" has no onError for it: ${code}: ${text}`,
    )
  }
  if (message === undefined) return // an outcome or timer that no transition takes any more
  if (draft.deferred.length < DEFERRED_LIMIT) draft.deferred = [...draft.deferred, message]
  else
    refuse(
      draft,
      behaviour,
      message,
      `role "${behaviour.role}" already keeps ${DEFERRED_LIMIT} messages for later`,
    )
}

/** Failures that the host itself had to say in this turn. */
function offerOwn(draft: Draft, behaviour: Behaviour): void {
  for (let offered = 0; draft.events.length > 0; offered++) {
    if (offered === OWN_EVENTS_LIMIT)
      throw new MachineError('loop', `role "${behaviour.role}" keeps sending what cannot be sent`)
    offer(draft, behaviour, draft.events.shift()!)
  }
}

function offerDeferred(draft: Draft, behaviour: Behaviour): void {
  for (;;) {
    if (draft.live?.status !== 'active') return
    const live = draft.live
    const message = draft.deferred.find((candidate) => live.can(eventOf(candidate) as never))
    if (message === undefined) return
    draft.deferred = draft.deferred.filter((kept) => kept !== message)
    consume(draft, behaviour, eventOf(message), message)
  }
}

function consume(draft: Draft, behaviour: Behaviour, event: MachineEvent, message?: Message): void {
  const request = message && requestOf(behaviour, message)
  if (request !== undefined) draft.requests = [...draft.requests, request]
  absorb(draft, behaviour, behaviour.interpreter.next(draft.live!, event))
}

/** Takes over what a step of the machine asks for. */
function absorb(draft: Draft, behaviour: Behaviour, step: Step): void {
  draft.live = step.snapshot
  const invoking = behaviour.interpreter.invoking(step.snapshot)
  const restarted = new Set(step.invokes.map((invoke) => invoke.id))
  const name = () => `${draft.turn}.${draft.named++}`
  draft.effects = draft.effects.filter(({ invoke }) => invoking.has(invoke) && !restarted.has(invoke))
  for (const { id, src, input } of step.invokes) {
    if (!invoking.has(id)) continue
    const effect = name()
    const spanId = spanIdOf(`${draft.conversation}:effect:${effect}`)
    const parentSpanId = turnSpanId(draft)
    draft.effects = [
      ...draft.effects,
      { name: effect, invoke: id, src, input: input ?? null, attempt: 1, spanId, parentSpanId },
    ]
  }
  const replaced = new Set([...step.cancels, ...step.raises.map((raise) => raise.id)])
  draft.timers = draft.timers.filter((timer) => !replaced.has(timer.id))
  for (const { id, event, delayMs } of step.raises) {
    draft.timers = [...draft.timers, { name: name(), id, event, dueAt: draft.now + delayMs }]
  }
  for (const emitted of step.emitted) send(draft, behaviour, emitted)
}

/** Closes what has ended, fits the snapshot into the record, and parks what nobody need host. */
function finish(draft: Draft, behaviour: Behaviour): void {
  const { live } = draft
  if (live !== undefined && draft.problem === null) {
    const stored = behaviour.interpreter.store(live)
    draft.problem = jsonProblem(stored.context, 'context')
    draft.snapshot = stored
  }
  if (draft.problem !== null || live?.status === 'done' || live?.status === 'stopped') close(draft, behaviour)
  draft.owner = needsHost(draft) ? draft.by.peer : null
}

function close(draft: Draft, behaviour: Behaviour): void {
  draft.phase = 'closed'
  draft.output = draft.problem === null ? (draft.live?.output ?? null) : null
  draft.snapshot = null
  draft.effects = []
  draft.timers = []
  draft.awaiting = []
  const reason = draft.problem ?? `role "${behaviour.role}" ended without an answer`
  for (const request of draft.requests) fail(draft, request, 'error', reason)
  for (const message of draft.deferred)
    refuse(draft, behaviour, message, `role "${behaviour.role}" ended before it took "${message.type}"`)
  draft.deferred = []
}

function requestOf(behaviour: Behaviour, message: Message): Request | undefined {
  const answeredBy = behaviour.accepts.get(message.type)?.answeredBy ?? []
  if (answeredBy.length === 0) return undefined
  return {
    id: message.id,
    type: message.type,
    from: message.from,
    slip: [...message.slip],
    answeredBy: [...answeredBy],
  }
}

const eventOf = (message: Message): MachineEvent => ({
  type: message.type,
  body: message.body,
  id: message.id,
  from: message.from,
  ...(message.correlation && { correlation: message.correlation }),
})

/** The state, for people: `delivered`, `working.thinking`. */
function stateOf(draft: Draft): string {
  if (draft.phase === 'closed') return draft.problem === null ? 'done' : 'failed'
  const value: unknown = draft.live?.value ?? draft.snapshot?.value
  if (value === undefined) return 'new'
  return typeof value === 'string' ? value : JSON.stringify(value).replace(/[{}"]/g, '').replaceAll(':', '.')
}
