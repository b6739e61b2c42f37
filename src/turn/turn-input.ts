/** What a conversation is given to take: a message, or something of its own that came due or to an end. */
import type { Envelope, Message } from '../../protocols/envelope.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { type MessageId, partsOf } from '../../protocols/ids.ts'
import type { EffectResult } from './effects.ts'
import type { ConversationRecord } from './record.ts'
import { hasSeen } from './seen.ts'

export type TurnInput =
  | { readonly kind: 'message'; readonly message: Message }
  /** An effect ended. */
  | { readonly kind: 'outcome'; readonly effect: string; readonly result: EffectResult }
  /** A delayed event of the machine is due. */
  | { readonly kind: 'timer'; readonly timer: string }
  /** A message given up: it could not be read, or never be dealt with. Its sender is told, no machine sees it. */
  | {
      readonly kind: 'given-up'
      readonly envelope: Envelope
      readonly failure: FailureKind
      readonly reason: string
    }
  /** No answer came in time. */
  | { readonly kind: 'overdue'; readonly message: MessageId }
  /** Messages of the last turn that their mailboxes, being full, refused. */
  | { readonly kind: 'unsent'; readonly messages: readonly MessageId[]; readonly reason: string }

const FAILURE = failure.messages.failure.type

/** Taken before, no longer pending, or not able to open the conversation it is for. */
export function reasonForNothing(
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
export function idOf(input: TurnInput): { id?: string } {
  if (input.kind === 'outcome') return { id: input.effect }
  const envelope = envelopeOf(input)
  return envelope === undefined ? {} : { id: envelope.id }
}

export function envelopeOf(input: TurnInput): Envelope | undefined {
  if (input.kind === 'message') return input.message
  return input.kind === 'given-up' ? input.envelope : undefined
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
    case 'unsent':
      return record.outbox.some(({ message }) => input.messages.includes(message.id))
    case 'overdue':
      return record.awaiting.some((awaiting) => awaiting.id === input.message)
    default:
      return false
  }
}
