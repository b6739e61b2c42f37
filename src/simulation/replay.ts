/**
 * T5: the same record and the same message give the same next record. A turn is taken again from what the journal
 * holds, and must come out to the letter as it was committed.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Passage } from '../../protocols/address.ts'
import type { Message } from '../../protocols/envelope.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import type { MessageId, PeerId, RoleName } from '../../protocols/ids.ts'
import { RESOURCE, SKEIN } from '../../traces/names.ts'
import type { Span } from '../../traces/span.ts'
import type { Behaviour, Wiring } from '../turn/behaviour.ts'
import type { TurnContext } from '../turn/draft.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { turnSpanId } from '../turn/spans.ts'
import { takeTurn } from '../turn/turn.ts'
import type { TurnInput } from '../turn/turn-input.ts'
import type { Way, Ways } from '../turn/way.ts'
import type { Breaches } from './breach.ts'

const FAILURE = failure.messages.failure.type
const CLOSING: ReadonlySet<string> = new Set(['ended', 'credited'])

export interface Replay {
  /** Takes a turn again, where all that it was taken from is known. */
  check(before: ConversationRecord | undefined, record: ConversationRecord): void
  /** Keeps what the record sends, for those who take it. */
  keep(record: ConversationRecord): void
}

export function createReplay(
  behaviours: ReadonlyMap<string, Behaviour>,
  { note }: Pick<Breaches, 'note'>,
  wiring: Wiring,
): Replay {
  const messages = new Map<string, Message>()

  function inputOf(
    before: ConversationRecord | undefined,
    { took, timers, spans }: ConversationRecord,
    span: Span,
  ): TurnInput | undefined {
    const delivery = span.attributes[SKEIN.delivery]
    if (took.id !== undefined) {
      const sent = took.id.includes('>') ? messages.get(took.id) : undefined
      const trail = trailIn(spans)
      const message = sent && { ...sent, ...(trail.length > 0 && { trail }) }
      if (message === undefined) return undefined
      const times = typeof delivery === 'number' ? { delivery } : {}
      const { [SKEIN.failure]: failed, [SKEIN.reason]: reason } = span.attributes
      // A message that is none itself and came as a failure was given up.
      if (failed === undefined || message.type === FAILURE) return { kind: 'message', message, ...times }
      const kind = failed as FailureKind
      return { kind: 'given-up', envelope: message, ...times, failure: kind, reason: String(reason) }
    }
    const armed = new Set(timers.map(({ name }) => name))
    const gone =
      before?.timers.filter(({ name, event }) => event.type === took.event && !armed.has(name)) ?? []
    return gone.length === 1 ? { kind: 'timer', timer: gone[0]!.name } : undefined
  }

  return {
    keep({ outbox }) {
      for (const { message } of outbox) messages.set(message.id, message)
    },
    check(before, record) {
      if (CLOSING.has(record.took.event)) return // by the end of a run, or for its accounts: no machine is asked
      if (record.turn === before?.turn) return // no turn: a takeover, or what is left when all is out
      const behaviour = behaviours.get(record.role)
      const span = record.spans.find(({ spanId }) => spanId === turnSpanId(record))
      if (behaviour === undefined || span === undefined || record.problem !== null) return
      const input = inputOf(before, record, span)
      if (input === undefined) return
      const { by, epoch, nonce, at: now } = record
      const context = {
        ...by,
        epoch,
        nonce,
        now,
        takenAt: span.startMs,
        outOfMessages: record.took.limit === 'messages',
        wiring,
        ways: waysIn(record),
        resource: span.resource as TurnContext['resource'],
      }
      const turn = takeTurn(behaviour, before, input, context)
      if (turn.kind === 'commit' && isDeepStrictEqual(asJson(turn.record), record)) return
      const what = record.took.id ?? record.took.event
      note(
        'T5',
        `turn ${record.turn} of ${record.conversation}, on ${what}, comes out differently the second time`,
      )
    },
  }
}

/** Who passed on what the turn took. */
const trailIn = (spans: readonly Span[]): Passage[] =>
  spans
    .filter(({ attributes }) => attributes[SKEIN.relay] !== undefined)
    .map(({ attributes, resource, startMs, endMs }) => ({
      peer: attributes[SKEIN.peer] as PeerId,
      role: attributes[SKEIN.role] as RoleName,
      host: String(resource[RESOURCE.hostId]),
      pid: Number(resource[RESOURCE.processPid]),
      takenAt: startMs,
      sentAt: endMs,
    }))

/** What the turn was told of the ways of its messages. */
const waysIn = ({ outbox, took }: ConversationRecord): Ways =>
  new Map<MessageId, Way>([
    ...outbox.map(({ message, mailbox, via }) => [message.id, { mailbox, ...(via && { via }) }] as const),
    ...(took.barred ?? []).map(({ id, reason }) => [id, { barred: reason }] as const),
  ])

const asJson = (record: ConversationRecord): unknown => JSON.parse(JSON.stringify(record))
