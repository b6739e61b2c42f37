/**
 * Events and the machine: what its state takes is taken, what it does not take yet is kept for a later one, and what a
 * step of it asks for goes into the draft. Order between messages is never promised.
 */
import { type FailureKind, failure } from '../../protocols/failure.ts'
import type { MessageId } from '../../protocols/ids.ts'
import { spanIdOf } from '../../traces/propagation.ts'
import type { Behaviour, EffectRequest } from './behaviour.ts'
import type { Draft } from './draft.ts'
import { droppedSpan } from './effect-spans.ts'
import { MachineError, type MachineEvent, type Step } from './interpreter.ts'
import { failureEvent, send } from './outgoing.ts'
import type { Deferred, Effect, Request } from './record.ts'
import { plainRequest, refuse } from './request.ts'
import { turnSpanId } from './spans.ts'

/** Events a conversation keeps for a state that takes them. One more request is refused. */
export const DEFERRED_LIMIT = 64
/** One more message of any other kind is refused: results of a join are many, and nobody would say them twice. */
export const DEFERRED_HARD_LIMIT = 1_024

/** Failures of its own making that one turn may offer to a machine before it counts as looping. */
const OWN_EVENTS_LIMIT = 100

const FAILURE = failure.messages.failure.type

/** An event that brings nothing with it. */
export const alone = (event: MachineEvent): Deferred => ({ event, request: null, limits: null })

/** A failure that the host itself says. */
export const own = (of: MessageId, kind: FailureKind, reason: string) => alone(failureEvent(of, kind, reason))

/** A message, or a failure in its place: taken now, or kept for a state that takes it. */
export function hear(draft: Draft, behaviour: Behaviour, heard: Deferred): void {
  // Set before the machine has it: what it says of it may fail.
  const first = draft.disposition === undefined
  if (first) draft.disposition = 'taken'
  if (offer(draft, behaviour, heard)) return
  const { event, request } = heard
  if (first) draft.disposition = 'refused'
  if (draft.live?.status !== 'active') refuse(draft, request, endedBefore(behaviour, event))
  else if (event.type === FAILURE && !behaviour.interpreter.knows(FAILURE)) {
    throw new MachineError(
      'unhandled-failure',
      `a failure reached role "${behaviour.role}", whose machine handles none: ${(event.body as { reason: string }).reason}`,
    )
  } else if (draft.deferred.length >= mostDeferred(heard)) {
    const reason = `role "${behaviour.role}" already keeps ${draft.deferred.length} messages for later`
    refuse(draft, request ?? plainRequest(event as unknown as Notice), reason)
  } else {
    draft.deferred = [...draft.deferred, heard]
    if (first) draft.disposition = 'deferred'
  }
}

/** A message that nobody asked for and that asks for nothing, as an event. */
type Notice = Pick<Request, 'id' | 'type' | 'from'>

function mostDeferred({ request, limits }: Deferred): number {
  // The answers that a conversation awaits are as many as it asked for.
  if (request === null && limits === null) return Number.POSITIVE_INFINITY
  return request === null ? DEFERRED_HARD_LIMIT : DEFERRED_LIMIT
}

/** Hands an event to the machine, if its state takes it. */
export function offer(draft: Draft, behaviour: Behaviour, offered: Deferred): boolean {
  if (draft.live?.status !== 'active') return false
  if (!behaviour.interpreter.takes(draft.live, offered.event)) return false
  consume(draft, behaviour, offered)
  offerDeferred(draft, behaviour)
  return true
}

/** Failures that the host itself had to say in this turn. */
export function offerOwn(draft: Draft, behaviour: Behaviour): void {
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

/** Effects that nobody wants any more. One that was started may have left its span's id with others: it gets its span. */
export function dropEffects(draft: Draft, isUnwanted: (effect: Effect) => boolean): void {
  const dropped = draft.effects.filter(isUnwanted)
  draft.effects = draft.effects.filter((effect) => !dropped.includes(effect))
  if (!draft.trace.sampled) return
  const started = dropped.filter(({ name }) => !name.startsWith(`${draft.turn}.`))
  draft.spans = [...draft.spans, ...started.map((effect) => droppedSpan(draft, effect))]
}

/** Of an effect or a timer: unique within the conversation. */
const nextName = (draft: Draft) => `${draft.turn}.${draft.named++}`

/** @param next what starts in its place once it has ended well */
export function start(
  draft: Draft,
  invoke: string,
  { src, input }: EffectRequest,
  next?: EffectRequest,
): void {
  const name = nextName(draft)
  const effect: Effect = {
    ...{ name, invoke, src, input },
    ...(next && { next }),
    startedAt: draft.now,
    attempt: 1,
    spanId: spanIdOf(`${draft.conversation}:effect:${name}`),
    parentSpanId: turnSpanId(draft),
  }
  draft.effects = [...draft.effects, effect]
}

/** A gate is a role's own code as much as its machine: where it throws it fails one conversation. */
function gateFor({ gate, role }: Behaviour, wanted: EffectRequest, approve: readonly string[]) {
  try {
    return gate?.(wanted, approve)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MachineError(
      'gate',
      `role "${role}" cannot say whether its effect "${wanted.src}" has to wait: ${why}`,
      { cause },
    )
  }
}

/** Takes over what a step of the machine asks for. */
export function absorb(draft: Draft, behaviour: Behaviour, step: Step): void {
  draft.live = step.snapshot
  const invoking = behaviour.interpreter.invoking(step.snapshot)
  const restarted = new Set(step.invokes.map((invoke) => invoke.id))
  dropEffects(draft, ({ invoke }) => !invoking.has(invoke) || restarted.has(invoke))
  for (const { id, src, input } of step.invokes) {
    if (!invoking.has(id)) continue
    const wanted = { src, input: input ?? null }
    const gate = gateFor(behaviour, wanted, draft.approve)
    start(draft, id, gate ?? wanted, gate && wanted)
  }
  const replaced = new Set<string | null>([...step.cancels, ...step.raises.map((raise) => raise.id)])
  draft.timers = draft.timers.filter((timer) => timer.id === null || !replaced.has(timer.id))
  for (const { id, event, delayMs } of step.raises) {
    draft.timers = [...draft.timers, { name: nextName(draft), id, event, dueAt: draft.now + delayMs }]
  }
  for (const emitted of step.emitted) send(draft, behaviour, emitted)
}

/** Why nobody takes an event any more. */
export const endedBefore = (behaviour: Behaviour, event: MachineEvent) =>
  `role "${behaviour.role}" ended before it took "${event.type}"`
