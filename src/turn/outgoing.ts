/**
 * From what a machine emitted to entries of the outbox: address, number, limits and stake are fixed here, inside the
 * turn, so that publishing an entry again repeats it to the letter.
 */
import type { Stop } from '../../protocols/address.ts'
import type { MessageDefinition } from '../../protocols/define.ts'
import type { Message } from '../../protocols/envelope.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { conversationId, type MessageId, messageId, peerId, roleName } from '../../protocols/ids.ts'
import { traceparent } from '../../traces/propagation.ts'
import { formatStake, halveStake, parseStake } from '../run/stake.ts'
import type { Behaviour, OutgoingEvent } from './behaviour.ts'
import type { Draft } from './draft.ts'
import { MachineError, type MachineEvent } from './interpreter.ts'
import type { OutboxEntry, Request } from './record.ts'
import { sendSpanId } from './spans.ts'

const FAILURE = failure.messages.failure

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
      `role "${behaviour.role}" emitted a "${event.type}" that does not parse: ${body.error.issues[0]?.path.join('.')}: ${body.error.issues[0]?.message}`,
    )
  }
  if (event.to !== undefined) {
    const { role, conversation, peer } = event.to
    const stop: Stop = {
      role: roleName(role),
      conversation: conversationId(draft.run, conversation),
      ...(peer !== undefined && { peer: peerId(peer) }),
    }
    handOver(draft, event.slip ?? [])
    post(draft, definition, body.data, stop, event)
    return
  }
  const request = takeRequest(draft, definition, event.answers)
  if (request === undefined) {
    throw new MachineError(
      'nothing-to-answer',
      `role "${behaviour.role}" emitted the answer "${event.type}" with no request open that it answers: give it a destination with "to"`,
    )
  }
  for (const stop of stopsOf(request)) post(draft, definition, body.data, stop, event)
}

/** Tells whoever waits for the answer to a request that there will be none. */
export function fail(draft: Draft, request: Request, kind: FailureKind, reason: string): void {
  draft.requests = draft.requests.filter((open) => open.id !== request.id)
  for (const stop of stopsOf(request)) post(draft, FAILURE, { kind, reason, of: request.id }, stop, {})
}

/** Where the answer to a request goes: along its slip, or back to its sender. */
function stopsOf(request: Request): readonly Stop[] {
  const stops = request.slip.length > 0 ? request.slip : [request.from]
  return stops.map((stop) => ({ correlation: request.id, ...stop }))
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

function handOver(draft: Draft, slip: readonly Stop[]): void {
  const handed = new Set(slip.map((stop) => stop.correlation))
  draft.requests = draft.requests.filter((open) => !handed.has(open.id))
}

function post(
  draft: Draft,
  definition: MessageDefinition,
  body: unknown,
  stop: Stop,
  { slip = [], timeoutMs }: Pick<OutgoingEvent, 'slip' | 'timeoutMs'>,
): void {
  const number = (draft.sent[stop.conversation] ?? 0) + 1
  draft.sent = { ...draft.sent, [stop.conversation]: number }
  const id = messageId(draft.conversation, stop.conversation, number)
  const waits = definition.answeredBy.length > 0 && slip.length === 0
  if (draft.limits.hops === 0 && definition !== FAILURE) {
    if (waits) {
      draft.events.push(failureEvent(id, 'exhausted', `"${definition.type}" was not sent: no hops are left`))
      return
    }
    post(
      draft,
      FAILURE,
      {
        kind: 'exhausted',
        reason: `"${definition.type}" could not be sent: no hops are left`,
        of: stop.correlation ?? null,
      },
      stop,
      {},
    )
    return
  }
  const deadline = Math.min(
    draft.limits.deadline,
    timeoutMs === undefined ? Number.POSITIVE_INFINITY : draft.now + timeoutMs,
  )
  const spanId = sendSpanId(draft, id)
  const half = halveStake(parseStake(draft.stake))
  draft.stake = formatStake(half)
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
    stake: formatStake(half),
    sentAt: draft.now,
    traceparent: traceparent({ traceId: draft.trace.traceId, spanId }, draft.trace.sampled),
    body,
  }
  const mailbox: OutboxEntry['mailbox'] =
    stop.peer === undefined ? { kind: 'role', role: stop.role } : { kind: 'peer', peer: stop.peer }
  draft.outbox = [...draft.outbox, { mailbox, message }]
  draft.sends.push({ spanId, message, mailbox })
  if (waits)
    draft.awaiting = [...draft.awaiting, { id, type: definition.type, to: message.to, dueAt: deadline }]
}

/** A failure as a machine gets it when the host itself has to say it. */
export const failureEvent = (of: MessageId, kind: FailureKind, reason: string): MachineEvent => ({
  type: FAILURE.type,
  body: { kind, reason, of },
})
