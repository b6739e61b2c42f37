/**
 * What each turn took, as the journal has it: an outcome, a timer or a failure stands in the record of the turn, a
 * message in the outbox of who sent it.
 */
import type { Passage } from '../../protocols/address.ts'
import type { Message } from '../../protocols/envelope.ts'
import { assertNever } from '../../protocols/errors.ts'
import { conversationId, type MessageId, type PeerId, type RoleName } from '../../protocols/ids.ts'
import { RESOURCE, SKEIN } from '../../traces/names.ts'
import type { Span } from '../../traces/span.ts'
import { ORIGIN_CONVERSATION } from '../run/origin-address.ts'
import type { RunRecord } from '../run/run-record.ts'
import { startMessage } from '../run/submit-run.ts'
import type { EffectResult } from '../turn/effects.ts'
import type { ConversationRecord, Taken } from '../turn/record.ts'
import { turnSpanId } from '../turn/spans.ts'
import type { TurnInput } from '../turn/turn-input.ts'

export interface RecordedInputs {
  /** Keeps what a record sends, for those who take it. */
  keep(record: Pick<ConversationRecord, 'outbox'>): void
  /** The message that a turn took, where the journal has it. */
  messageOf(record: ConversationRecord): Message | undefined
  /** What a turn took; or why the journal does not tell. */
  inputOf(record: ConversationRecord): TurnInput | { readonly missing: string }
}

/** To be handed the records of a run one after another, oldest first. */
export function recordedInputs(run: RunRecord): RecordedInputs {
  const sent = new Map<MessageId, Message>()

  function messageOf(record: ConversationRecord): Message | undefined {
    const { id } = record.took
    if (id === undefined || !id.includes('>')) return undefined
    return sent.get(id as MessageId) ?? firstOf(run, record)
  }

  return {
    keep({ outbox }) {
      for (const { message } of outbox) sent.set(message.id, message)
    },
    messageOf,
    inputOf(record) {
      const { id, input, unsent } = record.took
      if (input === undefined)
        return { missing: `${record.by.peer} had a version of skein that does not say what its turns took` }
      switch (input.kind) {
        case 'message':
        case 'given-up': {
          const found = messageOf(record)
          if (found === undefined) return { missing: `"${id}" came from outside the run` }
          const delivery = deliveryIn(record)
          const message = { ...found, ...trailIn(record.spans) }
          return input.kind === 'message'
            ? { kind: 'message', message, ...delivery }
            : { ...input, envelope: message, ...delivery }
        }
        case 'outcome':
          return { kind: 'outcome', effect: id!, result: resultOf(record, input) }
        case 'timer':
          return { kind: 'timer', timer: input.timer }
        case 'overdue':
          return { kind: 'overdue', message: input.message, isNobodyThere: input.isNobodyThere }
        case 'unsent':
          return { kind: 'unsent', messages: unsent ?? [], reason: input.reason }
        default:
          return assertNever(input)
      }
    },
  }
}

/** The first message of a run, which no conversation sends: its origin keeps what it said. */
function firstOf(run: RunRecord, { conversation, turn, took, snapshot, limits }: ConversationRecord) {
  if (turn !== 1 || conversation !== conversationId(run.run, ORIGIN_CONVERSATION)) return undefined
  const body = (snapshot?.context as { readonly start?: unknown } | undefined)?.start
  const message = startMessage({ ...run, ...limits }, body)
  return body !== undefined && message.id === took.id ? message : undefined
}

function resultOf({ took, spans }: ConversationRecord, input: Taken & { kind: 'outcome' }): EffectResult {
  const { result, usage } = input
  const span = spans.find(({ attributes }) => attributes[SKEIN.effect] === took.id && !isTurn(attributes))
  return {
    ...(result as EffectResult),
    ...(usage && { usage }),
    ...(took.call && { call: took.call as NonNullable<EffectResult['call']> }),
    span: {
      ...{ name: span?.name ?? '', kind: span?.kind ?? 'internal', attributes: span?.attributes ?? {} },
      ...{ startedAt: span?.startMs ?? 0, endedAt: span?.endMs ?? 0, resource: span?.resource ?? {} },
    },
  }
}

const isTurn = (attributes: Span['attributes']) => attributes[SKEIN.turn] !== undefined

/** How often it was delivered, which only its span tells. */
function deliveryIn(record: ConversationRecord): { readonly delivery?: number } {
  const span = record.spans.find(({ spanId }) => spanId === turnSpanId(record))
  const delivery = span?.attributes[SKEIN.delivery]
  return typeof delivery === 'number' ? { delivery } : {}
}

/** Who passed on what the turn took, which only their spans tell. */
function trailIn(spans: readonly Span[]): { readonly trail?: Passage[] } {
  const trail = spans
    .filter(({ attributes }) => attributes[SKEIN.relay] !== undefined)
    .map(({ attributes, resource, startMs, endMs }) => ({
      peer: attributes[SKEIN.peer] as PeerId,
      role: attributes[SKEIN.role] as RoleName,
      host: String(resource[RESOURCE.hostId]),
      pid: Number(resource[RESOURCE.processPid]),
      takenAt: startMs,
      sentAt: endMs,
    }))
  return trail.length > 0 ? { trail } : {}
}
