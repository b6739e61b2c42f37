/**
 * From what a machine emitted to entries of the outbox: address, number, limits and stake are fixed here, inside the
 * turn, so that publishing an entry again repeats it to the letter.
 */
import { z } from 'zod'
import { type Stop, stopSchema } from '../../protocols/address.ts'
import type { MessageDefinition } from '../../protocols/define.ts'
import type { Message } from '../../protocols/envelope.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { type MessageId, messageId, messageIdSchema, partsOf, runOf } from '../../protocols/ids.ts'
import { issuesOf } from '../../protocols/parse.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { traceparent } from '../../traces/propagation.ts'
import { addStake, formatStake, halveStake, NO_STAKE, parseStake } from '../run/stake.ts'
import type { Behaviour, OutgoingEvent } from './behaviour.ts'
import type { Draft } from './draft.ts'
import { MachineError, type MachineEvent } from './interpreter.ts'
import { jsonProblem } from './json.ts'
import type { OutboxEntry, Request } from './record.ts'
import { sendSpanId } from './spans.ts'
import type { OpenWay } from './way.ts'

const FAILURE = failure.messages.failure
const IDLE = runProtocol.messages.idle

/** What a machine may say about the way of a message: types promise as much, and what they promise may be computed. */
const routingSchema = z.object({
  to: stopSchema.optional(),
  slip: z.array(stopSchema).default([]),
  timeoutMs: z.number().transform(Math.round).optional(),
  handsOver: messageIdSchema.optional(),
})
type Route = z.infer<typeof routingSchema>

/** Puts what a machine emitted into the outbox. @throws MachineError when it may not be said, or there is nothing to answer */
export function send(draft: Draft, behaviour: Behaviour, emitted: MachineEvent): void {
  const event = emitted as OutgoingEvent
  const definition = event.type === FAILURE.type ? FAILURE : behaviour.sends.get(event.type)
  if (definition === undefined) {
    throw new MachineError(
      'undeclared',
      `role "${behaviour.role}" emitted "${event.type}", which it does not declare: add it to its sends`,
    )
  }
  const body = definition.body.safeParse(event.body)
  if (!body.success) {
    throw new MachineError(
      'bad-message',
      `role "${behaviour.role}" emitted a "${event.type}" that does not parse: ${issuesOf(body.error)}`,
    )
  }
  const loss =
    jsonProblem(body.data, 'body') ??
    (definition.body.safeParse(body.data).success ? null : 'its schema transforms it')
  if (loss !== null) {
    throw new MachineError(
      'bad-message',
      `role "${behaviour.role}" emitted a "${event.type}" that would not arrive as it is: ${loss}`,
    )
  }
  const route = routeOf(draft, event)
  if (route.to !== undefined) {
    const slip = route.handsOver === undefined ? route.slip : takeStops(draft, definition, route)
    handOver(draft, slip)
    post(draft, definition, body.data, route.to, { ...route, slip })
    return
  }
  const request = takeRequest(draft, definition, event.answers)
  if (request === undefined) {
    throw new MachineError(
      'nothing-to-answer',
      `role "${behaviour.role}" emitted the answer "${event.type}" with no request open that it answers: give it a destination with "to"`,
    )
  }
  for (const stop of stopsOf(request)) post(draft, definition, body.data, stop, route)
}

/** @throws MachineError: once it is committed, a message that no codec takes could never leave */
function routeOf(draft: Draft, { type, to, slip, timeoutMs, handsOver }: OutgoingEvent): Route {
  const parsed = routingSchema.safeParse({
    ...(to && { to: { ...to, conversation: `${draft.run}/${to.conversation}` } }),
    slip,
    timeoutMs,
    handsOver,
  })
  const problem = parsed.success ? wrongWith(draft, parsed.data) : issuesOf(parsed.error)
  if (!parsed.success || problem !== undefined)
    throw new MachineError(
      'bad-address',
      `role "${draft.role}" emitted a "${type}" that cannot be sent: ${problem}`,
    )
  return parsed.data
}

function wrongWith({ run }: Draft, { to, slip, handsOver }: Route): string | undefined {
  if (to === undefined && handsOver !== undefined)
    return 'an answer hands nothing over; say with "to" who gets it'
  const stranger = slip.find(({ conversation }) => runOf(conversation) !== run)
  return stranger && `slip: "${stranger.conversation}" is not of the run "${run}"`
}

/** Tells whoever waits for the answer to a request that there will be none. */
export function fail(draft: Draft, request: Request, kind: FailureKind, reason: string): void {
  draft.requests = draft.requests.filter((open) => open.id !== request.id)
  for (const stop of stopsOf(request)) post(draft, FAILURE, { kind, reason, of: request.id }, stop, NO_ROUTE)
}

/** Where the answer to a request goes: along its slip, or back to its sender. */
function stopsOf(request: { id: MessageId; from: Stop; slip: readonly Stop[] }): readonly Stop[] {
  const stops = request.slip.length > 0 ? request.slip : [request.from]
  return stops.map((stop) => ({ ...stop, correlation: stop.correlation ?? request.id }))
}

function takeRequest(
  draft: Draft,
  definition: MessageDefinition,
  answers: MessageId | undefined,
): Request | undefined {
  const request = draft.requests.find(
    (open) =>
      (answers === undefined || open.id === answers) &&
      (definition === FAILURE || open.answeredBy.includes(definition.type)),
  )
  if (request !== undefined) draft.requests = draft.requests.filter((open) => open !== request)
  return request
}

const NO_ROUTE: Route = { slip: [] }

/** Sends all the stake of an idle conversation home. */
export const sayIdle = (draft: Draft, origin: Stop): void => post(draft, IDLE, {}, origin, NO_ROUTE)

function handOver(draft: Draft, slip: readonly Stop[]): void {
  const handed = new Set(slip.map((stop) => stop.correlation))
  draft.requests = draft.requests.filter((open) => !handed.has(open.id))
}

/**
 * Lets go of the request that a message hands over, and answers who waits for its answer. One record does both, so the
 * request belongs to exactly one conversation at every moment.
 * @throws MachineError where it is not ours to hand over, or its answer would be owed by nobody
 */
function takeStops(draft: Draft, definition: MessageDefinition, { handsOver, slip }: Route): Stop[] {
  const { type, answeredBy } = definition
  const refuse = (why: string): never => {
    throw new MachineError(
      'nothing-to-hand-over',
      `role "${draft.role}" emitted a "${type}" that is to hand over "${handsOver}": ${why}`,
    )
  }
  const request = draft.requests.find(({ id }) => id === handsOver)
  if (request === undefined) return refuse('no such request is open here')
  if (slip.length > 0) return refuse('it has a slip as well; give one of the two')
  if (!request.answeredBy.some((answer) => answeredBy.includes(answer)))
    return refuse(`what answers it (${answeredBy.join(', ') || 'nothing'}) does not answer that`)
  draft.requests = draft.requests.filter((open) => open !== request)
  return [...stopsOf(request)]
}

function post(
  draft: Draft,
  definition: MessageDefinition,
  body: unknown,
  stop: Stop,
  { slip, timeoutMs }: Pick<Route, 'slip' | 'timeoutMs'>,
): void {
  const number = (draft.sent[stop.conversation] ?? 0) + 1
  const id = messageId(draft.conversation, stop.conversation, number)
  const waits = definition.answeredBy.length > 0 && slip.length === 0
  const limit = isFree(definition) ? undefined : limitOf(draft)
  if (limit !== undefined) {
    draft.limit = limit
    const why = `no ${limit} are left`
    if (waits) draft.events.push(failureEvent(id, 'exhausted', `"${definition.type}" was not sent: ${why}`))
    else tellInstead(draft, id, stop, slip, 'exhausted', `"${definition.type}" could not be sent: ${why}`)
    return
  }
  const way = draft.ways.get(id)
  if (way !== undefined && 'barred' in way && !isFree(definition)) {
    draft.barred.push({ id, reason: way.barred })
    const why = `"${definition.type}" was not sent: ${way.barred}`
    if (waits) draft.events.push(failureEvent(id, 'refused', why))
    else tellInstead(draft, id, stop, slip, 'refused', why)
    return
  }
  const deadline = Math.min(
    draft.limits.deadline,
    timeoutMs === undefined ? Number.POSITIVE_INFINITY : draft.now + timeoutMs,
  )
  // Numbered only now: a number that no message has would leave a gap in what its addressee has seen.
  draft.sent = { ...draft.sent, [stop.conversation]: number }
  const spanId = sendSpanId(draft, id)
  const share = definition === IDLE ? parseStake(draft.stake) : halveStake(parseStake(draft.stake))
  draft.stake = formatStake(definition === IDLE ? NO_STAKE : share)
  const message: Message = {
    id,
    type: definition.type,
    version: definition.version,
    from: { role: draft.role, peer: draft.by.peer, conversation: draft.conversation },
    to: { role: stop.role, conversation: stop.conversation },
    run: draft.run,
    ...(stop.correlation && { correlation: stop.correlation }),
    slip,
    deadline,
    hops: Math.max(0, draft.limits.hops - 1),
    stake: formatStake(share),
    sentAt: draft.now,
    traceparent: traceparent({ traceId: draft.trace.traceId, spanId }, draft.trace.sampled),
    body,
  }
  const direct: OutboxEntry['mailbox'] =
    stop.peer === undefined ? { kind: 'role', role: stop.role } : { kind: 'peer', peer: stop.peer }
  // What says that something failed goes whatever way there is.
  const { mailbox, via }: OpenWay = way === undefined || 'barred' in way ? { mailbox: direct } : way
  const entry: OutboxEntry = { mailbox, ...(via && { via }), message }
  draft.outbox = [...draft.outbox, entry]
  draft.sends.push({ ...entry, spanId })
  if (waits)
    draft.awaiting = [
      ...draft.awaiting,
      { id, type: definition.type, answeredBy: [...definition.answeredBy], to: message.to, dueAt: deadline },
    ]
}

/** What says that something failed, or brings stake home, no limit holds up. */
export const isFree = ({ type }: Pick<MessageDefinition, 'type'>): boolean =>
  type === FAILURE.type || type === IDLE.type

const limitOf = ({ limits, outOfMessages }: Draft): Draft['limit'] =>
  limits.hops === 0 ? 'hops' : outOfMessages ? 'messages' : undefined

/** Whoever would have heard of a message hears that it was not sent. */
function tellInstead(
  draft: Draft,
  id: MessageId,
  stop: Stop,
  slip: readonly Stop[],
  kind: FailureKind,
  reason: string,
): void {
  for (const hearer of slip.length > 0 ? stopsOf({ id, from: stop, slip }) : [stop])
    post(draft, FAILURE, { kind, reason, of: hearer.correlation ?? null }, hearer, NO_ROUTE)
}

/** A message that could not be put into its mailbox, and whose answer this conversation does not wait for. */
export function failInstead(draft: Draft, message: Message, kind: FailureKind, reason: string): void {
  const { id, to, slip, correlation } = message
  tellInstead(draft, id, { ...to, ...(correlation && { correlation }) }, slip, kind, reason)
}

/**
 * A message that was surely not stored: its stake is ours again, and its number, where it was the last one, so that
 * its addressee sees no gap.
 */
export function takeBack(draft: Draft, { id, stake }: Message): void {
  const { to, number } = partsOf(id)
  draft.stake = formatStake(addStake(parseStake(draft.stake), parseStake(stake)))
  if (draft.sent[to] !== number) return
  const { [to]: _, ...others } = draft.sent
  draft.sent = number === 1 ? others : { ...others, [to]: number - 1 }
}

/**
 * Whether a message may begin a conversation, and so may be refused by a full mailbox: the first from its sender, to
 * whoever of a role is free, and no answer. What goes on with something, no mailbox refuses, nor what says that
 * something failed: it would be said for ever.
 */
export const mayOpen = ({ id, type, correlation }: Message): boolean =>
  correlation === undefined && partsOf(id).number === 1 && !isFree({ type })

/** A failure as a machine gets it when the host itself has to say it. */
export const failureEvent = (of: MessageId, kind: FailureKind, reason: string): MachineEvent => ({
  type: FAILURE.type,
  body: { kind, reason, of },
})
