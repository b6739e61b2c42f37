/**
 * A turn: one input for one conversation, from one record to the next. A pure function (T5): the same record, input
 * and context give the same next record, span ids included.
 *
 * It keeps T1 (the seen set, and names of effects and timers that must be pending), and prepares T2 (what is sent
 * stands in the outbox of the record, nowhere else).
 */

import type { AnyMachineSnapshot } from 'xstate'
import type { Envelope, Message } from '../../protocols/envelope.ts'
import { assertNever } from '../../protocols/errors.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { type ConversationId, type MessageId, partsOf, runOf } from '../../protocols/ids.ts'
import { parseTraceparent, spanIdOf, traceIdOf } from '../../traces/propagation.ts'
import { addStake, formatStake, NO_STAKE, parseStake } from '../run/stake.ts'
import { type Behaviour, inputOf } from './behaviour.ts'
import { type Draft, sealed, type TurnContext } from './draft.ts'
import type { EffectResult } from './effects.ts'
import { MachineError, type MachineEvent, type Step } from './interpreter.ts'
import { jsonProblem } from './json.ts'
import { fail, failureEvent, send } from './outgoing.ts'
import { type ConversationRecord, type Deferred, needsHost, type Request } from './record.ts'
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

/** Events a conversation keeps for a state that takes them. One more request is refused. */
export const DEFERRED_LIMIT = 64

const FAILURE = failure.messages.failure.type

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
    note(draft, behaviour, input)
  }
  finish(draft, behaviour)
  draft.took = { event, from, to: stateOf(draft), ...idOf(input) }
  draft.spans = [...draft.spans, ...turnSpans(draft, behaviour, input, context)]
  if (draft.trace.sampled && draft.phase === 'closed' && record?.phase !== 'closed')
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

/**
 * An answer to what was never asked begins nothing, nor does a failure of nothing in particular. One that a routing
 * slip brings does: to a join it says as much as the result would have, and may come before its task.
 */
const opens = (envelope: Envelope) =>
  envelope.correlation === undefined
    ? envelope.type !== FAILURE
    : partsOf(envelope.correlation).from !== envelope.to.conversation

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
      fail(draft, plainRequest(envelope), 'invalid', reason)
      if (strikeAwaited(draft, envelope))
        hear(draft, behaviour, own(envelope.correlation!, 'invalid', reason))
      return envelope.type
    }
    case 'outcome': {
      const effect = draft.effects.find((pending) => pending.name === input.effect)!
      const { result } = input
      const isCall = effect.src === 'chat'
      draft.effects = draft.effects.filter((pending) => pending !== effect)
      draft.usage = {
        calls: draft.usage.calls + (isCall ? 1 : 0),
        inputTokens: draft.usage.inputTokens + (result.usage?.inputTokens ?? 0),
        outputTokens: draft.usage.outputTokens + (result.usage?.outputTokens ?? 0),
        tools: draft.usage.tools + (isCall ? 0 : 1),
      }
      if (draft.trace.sampled) draft.spans = [...draft.spans, effectSpan(draft, effect, result)]
      const type = `xstate.${result.ok ? 'done' : 'error'}.actor.${effect.invoke}`
      const event = {
        type,
        actorId: effect.invoke,
        ...(result.ok ? { output: result.output } : { error: result.error }),
      }
      if (!offer(draft, behaviour, alone(event)) && !result.ok) {
        const { code, message } = result.error
        throw new MachineError(
          'unhandled-error',
          `"${effect.invoke}" failed and role "${behaviour.role}" has no onError for it: ${code}: ${message}`,
        )
      }
      return type
    }
    case 'timer': {
      const timer = draft.timers.find((pending) => pending.name === input.timer)!
      draft.timers = draft.timers.filter((pending) => pending !== timer)
      offer(draft, behaviour, alone(timer.event))
      return timer.event.type
    }
    case 'overdue': {
      const awaiting = draft.awaiting.find((pending) => pending.id === input.message)!
      draft.awaiting = draft.awaiting.filter((pending) => pending !== awaiting)
      const reason = `no answer to "${awaiting.type}" from ${awaiting.to.role} in time`
      hear(draft, behaviour, own(awaiting.id, 'timeout', reason))
      return FAILURE
    }
    default:
      return assertNever(input)
  }
}

/** The turn failed before the message was taken in: it counts as taken all the same, and its sender is told. */
function note(draft: Draft, behaviour: Behaviour, input: TurnInput): void {
  const envelope = envelopeOf(input)
  if (envelope === undefined || hasSeen(draft.seen, envelope.id)) return
  receipt(draft, envelope)
  const request = input.kind === 'unreadable' ? plainRequest(envelope) : requestOf(behaviour, envelope)
  if (request !== null) draft.requests = [...draft.requests, request]
}

function receipt(draft: Draft, message: Envelope): void {
  draft.seen = withSeen(draft.seen, message.id)
  draft.stake = formatStake(addStake(parseStake(draft.stake), parseStake(message.stake)))
}

/** Whether it answers a message of this conversation. */
const answersUs = (draft: Draft, { correlation }: Envelope) =>
  correlation !== undefined && partsOf(correlation).from === draft.conversation

/** Waits for an answer no longer. False where nobody did: its failure was handed over already. */
function strikeAwaited(draft: Draft, { correlation }: Envelope): boolean {
  const before = draft.awaiting.length
  draft.awaiting = draft.awaiting.filter((awaiting) => awaiting.id !== correlation)
  return draft.awaiting.length < before
}

function receive(draft: Draft, behaviour: Behaviour, message: Message): void {
  receipt(draft, message)
  const isAnswer = answersUs(draft, message)
  if (isAnswer && !strikeAwaited(draft, message)) return
  const { deadline, hops } = message
  const request = requestOf(behaviour, message)
  const unknown = `role "${behaviour.role}" does not take "${message.type}"`
  if (message.type === FAILURE || behaviour.accepts.has(message.type)) {
    if (draft.phase === 'closed') refuse(draft, request, 'the conversation is over')
    else
      hear(draft, behaviour, {
        event: eventOf(message),
        request,
        limits: isAnswer ? null : { deadline, hops },
      })
  } else if (isAnswer) hear(draft, behaviour, own(message.correlation!, 'invalid', unknown))
  else fail(draft, plainRequest(message), 'refused', unknown)
}

function refuse(draft: Draft, request: Request | null, reason: string): void {
  if (request !== null) fail(draft, request, 'refused', reason)
}

/** An event that brings nothing with it. */
const alone = (event: MachineEvent): Deferred => ({ event, request: null, limits: null })

/** A failure that the host itself says. */
const own = (of: MessageId, kind: FailureKind, reason: string) => alone(failureEvent(of, kind, reason))

/** A message, or a failure in its place: taken now, or kept for a state that takes it. */
function hear(draft: Draft, behaviour: Behaviour, heard: Deferred): void {
  if (offer(draft, behaviour, heard)) return
  const { event, request } = heard
  if (draft.live?.status !== 'active') refuse(draft, request, endedBefore(behaviour, event))
  else if (event.type === FAILURE && !behaviour.interpreter.knows(FAILURE)) {
    throw new MachineError(
      'unhandled-failure',
      `a failure reached role "${behaviour.role}", whose machine handles none: ${(event.body as { reason: string }).reason}`,
    )
  }
  // Whoever asks can be told to ask again; what answers, nobody would say twice.
  else if (request !== null && draft.deferred.length >= DEFERRED_LIMIT) {
    refuse(
      draft,
      request,
      `role "${behaviour.role}" already keeps ${draft.deferred.length} messages for later`,
    )
  } else draft.deferred = [...draft.deferred, heard]
}

/** Hands an event to the machine, if its state takes it. */
function offer(draft: Draft, behaviour: Behaviour, offered: Deferred): boolean {
  if (draft.live?.status !== 'active') return false
  if (!behaviour.interpreter.takes(draft.live, offered.event)) return false
  consume(draft, behaviour, offered)
  offerDeferred(draft, behaviour)
  return true
}

/** Failures that the host itself had to say in this turn. */
function offerOwn(draft: Draft, behaviour: Behaviour): void {
  for (let offered = 0; draft.events.length > 0; offered++) {
    if (offered === OWN_EVENTS_LIMIT)
      throw new MachineError('loop', `role "${behaviour.role}" keeps sending what cannot be sent`)
    hear(draft, behaviour, alone(draft.events.shift()!))
  }
}

function offerDeferred(draft: Draft, behaviour: Behaviour): void {
  for (;;) {
    if (draft.live?.status !== 'active') return
    const live = draft.live
    const taken = draft.deferred.find(({ event }) => behaviour.interpreter.takes(live, event))
    if (taken === undefined) return
    draft.deferred = draft.deferred.filter((kept) => kept !== taken)
    consume(draft, behaviour, taken)
  }
}

function consume(draft: Draft, behaviour: Behaviour, { event, request, limits }: Deferred): void {
  if (request !== null) draft.requests = [...draft.requests, request]
  if (limits !== null) draft.limits = limits
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
  const replaced = new Set<string | null>([...step.cancels, ...step.raises.map((raise) => raise.id)])
  draft.timers = draft.timers.filter((timer) => timer.id === null || !replaced.has(timer.id))
  for (const { id, event, delayMs } of step.raises) {
    draft.timers = [...draft.timers, { name: name(), id, event, dueAt: draft.now + delayMs }]
  }
  for (const emitted of step.emitted) send(draft, behaviour, emitted)
}

/** Closes what has ended, fits the snapshot into the record, and parks what nobody need host. */
function finish(draft: Draft, behaviour: Behaviour): void {
  const { live } = draft
  if (live !== undefined && draft.problem === null) {
    draft.problem = lossOf(draft, live)
    if (draft.problem === null) draft.snapshot = behaviour.interpreter.store(live)
  }
  if (draft.problem !== null || live?.status === 'done' || live?.status === 'stopped') close(draft, behaviour)
  draft.owner = needsHost(draft) ? draft.by.peer : null
}

/** What the machine wants kept and JSON cannot hold, or null. */
function lossOf({ effects, timers }: Draft, { context, output = null }: AnyMachineSnapshot): string | null {
  const kept: [unknown, string][] = [
    [context, 'context'],
    [output, 'output'],
    ...effects.map(({ invoke, input }): [unknown, string] => [input, `input of "${invoke}"`]),
    ...timers.map((timer): [unknown, string] => [timer, `delayed "${timer.event.type}"`]),
  ]
  for (const [value, path] of kept) {
    const problem = jsonProblem(value, path)
    if (problem !== null) return problem
  }
  return null
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
  for (const { event, request } of draft.deferred) refuse(draft, request, endedBefore(behaviour, event))
  draft.deferred = []
}

const endedBefore = (behaviour: Behaviour, event: MachineEvent) =>
  `role "${behaviour.role}" ended before it took "${event.type}"`

/** The answer that a message asks for, or null. */
function requestOf(behaviour: Behaviour, message: Envelope): Request | null {
  const answeredBy = behaviour.accepts.get(message.type)?.answeredBy ?? []
  return answeredBy.length === 0 ? null : { ...plainRequest(message), answeredBy: [...answeredBy] }
}

/** A request whose protocol is not known here: only a failure can answer it, and who waits for none drops that. */
const plainRequest = ({ id, type, from, slip }: Envelope): Request => ({
  id,
  type,
  from,
  slip: [...slip],
  answeredBy: [],
})

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
