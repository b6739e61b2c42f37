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
import { type MessageId, partsOf } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { type Behaviour, inputOf } from './behaviour.ts'
import { finish } from './closing.ts'
import { conversationSpan } from './conversation-spans.ts'
import { type Draft, nextDraft, openDraft, sealed, stamp, type TurnContext } from './draft.ts'
import { effectSpan } from './effect-spans.ts'
import { MachineError, type MachineEvent } from './interpreter.ts'
import { absorb, alone, hear, offer, offerOwn, own, start } from './offer.ts'
import { fail, failInstead, takeBack } from './outgoing.ts'
import { type Awaiting, type ConversationRecord, needsHost } from './record.ts'
import { plainRequest, refuse, requestOf } from './request.ts'
import { hasSeen } from './seen.ts'
import { takenOf, turnSpans } from './spans.ts'
import { owesStake, receipt } from './stake-moves.ts'
import { envelopeOf, idOf, mayBegin, reasonForNothing, type TurnInput, takenAs } from './turn-input.ts'

export type Turn =
  | { readonly kind: 'commit'; readonly record: ConversationRecord }
  /** Nothing changes: it was taken before, or is no longer pending. */
  | { readonly kind: 'nothing'; readonly why: 'seen' | 'stale' }

const FAILURE = failure.messages.failure.type
const IDLE = runProtocol.messages.idle.type

export function takeTurn(
  behaviour: Behaviour,
  record: ConversationRecord | undefined,
  input: TurnInput,
  context: TurnContext,
): Turn {
  const why = reasonForNothing(record, input)
  if (why !== undefined) return { kind: 'nothing', why }
  const draft =
    record === undefined ? openDraft(behaviour, envelopeOf(input)!, context) : nextDraft(record, context)
  const from = stateOf(draft)
  let event: string = input.kind
  const opening = envelopeOf(input)
  if (opening !== undefined && !mayBegin(record, opening)) {
    // An answer to a conversation that never was begins none. Its stake is in the run all the same.
    receipt(draft, opening)
    return committed(draft, behaviour, input, context, { event: opening.type, from })
  }
  try {
    if (context.problem !== undefined) throw new MachineError('stopped', context.problem)
    if (draft.snapshot !== null) draft.live = behaviour.interpreter.restore(draft.snapshot)
    else if (draft.phase === 'open' && input.kind === 'message') {
      absorb(draft, behaviour, behaviour.interpreter.start(inputOf(draft.conversation, context.wiring)))
    }
    event = take(draft, behaviour, input, record)
    offerOwn(draft, behaviour)
  } catch (error) {
    if (!(error instanceof MachineError)) throw error
    draft.problem = error.message
    draft.problemCode = error.code
    note(draft, behaviour, input)
  }
  const turn = committed(draft, behaviour, input, context, { event, from })
  if (draft.trace.sampled && draft.phase === 'closed' && record?.phase !== 'closed')
    turn.record.spans = [
      ...turn.record.spans,
      conversationSpan(turn.record, context.resource, draft.problemCode),
    ]
  return turn
}

function committed(
  draft: Draft,
  behaviour: Behaviour,
  input: TurnInput,
  context: TurnContext,
  { event, from }: Pick<ConversationRecord['took'], 'event' | 'from'>,
) {
  finish(draft, behaviour)
  draft.took = {
    ...{ event, from, to: stateOf(draft), ...idOf(input), input: takenAs(input) },
    ...(input.kind === 'unsent' && { unsent: [...input.messages] }),
    ...(context.problem !== undefined && { isStopped: true as const }),
    ...(draft.limit && { limit: draft.limit }),
    ...(draft.barred.length > 0 && { barred: draft.barred }),
  }
  draft.spans = [...draft.spans, ...turnSpans(draft, takenOf(input), context)]
  return { kind: 'commit' as const, record: sealed(draft) }
}

/**
 * What is left once everything in the outbox was published: the record without it, parked if nothing else needs a
 * host, or undefined if that commit can wait for the next turn.
 */
export function settled(record: ConversationRecord, context: TurnContext): ConversationRecord | undefined {
  const after: ConversationRecord = { ...record, outbox: [] }
  if (record.outbox.length === 0 || needsHost(after) || owesStake(after)) return undefined
  return {
    ...after,
    ...stamp(context),
    owner: null,
    spans: [],
    took: { event: 'settled', from: record.took.to, to: record.took.to },
  }
}

/** Applies the input, and answers the name of the event that it was. */
function take(
  draft: Draft,
  behaviour: Behaviour,
  input: TurnInput,
  record: ConversationRecord | undefined,
): string {
  switch (input.kind) {
    case 'message':
      receive(draft, behaviour, input.message)
      return input.message.type
    case 'given-up': {
      const { envelope, failure: kind, reason } = input
      receipt(draft, envelope)
      fail(draft, plainRequest(envelope), kind, reason)
      if (strikeAwaited(draft, envelope) !== undefined)
        hear(draft, behaviour, own(envelope.correlation!, kind, reason))
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
        tools: draft.usage.tools + (isCall || effect.next !== undefined ? 0 : 1),
      }
      if (draft.trace.sampled) draft.spans = [...draft.spans, effectSpan(draft, effect, result)]
      if (result.ok && effect.next !== undefined) {
        // T3: what it waited for stands in this commit, so that it begins once, whoever goes on with it.
        const { src, input: wanted } = effect.next
        start(draft, effect.invoke, { src, input: { ...(wanted as object), said: result.output } })
        return `${effect.src}.passed`
      }
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
      const { id, type, to } = awaiting
      const nobody = input.isNobodyThere ? `: no process of role "${to.role}" is alive` : ''
      const kind = input.isNobodyThere ? 'no-peer' : 'timeout'
      hear(draft, behaviour, own(id, kind, `no answer to "${type}" from ${to.role} in time${nobody}`))
      return FAILURE
    }
    case 'unsent': {
      const unsent = record!.outbox
        .map(({ message }) => message)
        .filter(({ id }) => input.messages.includes(id))
      for (const message of unsent.toReversed()) takeBack(draft, message)
      for (const message of unsent) {
        if (strike(draft, message.id) === undefined) failInstead(draft, message, 'refused', input.reason)
        else hear(draft, behaviour, own(message.id, 'refused', input.reason))
      }
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
  const request = input.kind === 'given-up' ? plainRequest(envelope) : requestOf(behaviour, envelope)
  if (request !== null) draft.requests = [...draft.requests, request]
}

/** Whether it answers a message of this conversation. */
const answersUs = (draft: Draft, { correlation }: Envelope) =>
  correlation !== undefined && partsOf(correlation).from === draft.conversation

/** Waits for an answer no longer. Undefined where nobody did: its failure was handed over already. */
const strikeAwaited = (draft: Draft, { correlation }: Envelope) => strike(draft, correlation)

function strike(draft: Draft, id: MessageId | undefined): Awaiting | undefined {
  const struck = draft.awaiting.find((awaiting) => awaiting.id === id)
  draft.awaiting = draft.awaiting.filter((awaiting) => awaiting !== struck)
  return struck
}

function receive(draft: Draft, behaviour: Behaviour, message: Message): void {
  receipt(draft, message)
  if (message.type === IDLE) {
    draft.disposition = 'none' // no machine's business
    return
  }
  const isAnswer = answersUs(draft, message)
  const awaited = isAnswer ? strikeAwaited(draft, message) : undefined
  if (isAnswer && awaited === undefined) {
    draft.disposition = 'late'
    return
  }
  const { type, deadline, hops } = message
  const request = requestOf(behaviour, message)
  const isTaken = type === FAILURE || behaviour.accepts.has(type)
  if (awaited !== undefined && type !== FAILURE && !(isTaken && awaited.answeredBy.includes(type))) {
    draft.disposition = 'refused'
    const reason = `"${type}" is no answer to "${awaited.type}" that role "${behaviour.role}" takes`
    hear(draft, behaviour, own(awaited.id, 'invalid', reason))
  } else if (!isTaken) {
    draft.disposition = 'refused'
    fail(draft, plainRequest(message), 'refused', `role "${behaviour.role}" does not take "${type}"`)
  } else if (draft.phase === 'closed') {
    draft.disposition = 'refused'
    refuse(draft, request, 'the conversation is over')
  } else
    hear(draft, behaviour, { event: eventOf(message), request, limits: isAnswer ? null : { deadline, hops } })
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
