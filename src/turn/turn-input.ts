/** What a conversation is given to take: a message, or something of its own that came due or to an end. */
import type { Envelope, Message } from '../../protocols/envelope.ts'
import { assertNever } from '../../protocols/errors.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { type MessageId, partsOf } from '../../protocols/ids.ts'
import type { EffectResult } from './effects.ts'
import type { ConversationRecord, Taken } from './record.ts'
import { hasSeen } from './seen.ts'

export type TurnInput =
  /** `delivery`: how often it was delivered by now, from 1; for people. */
  | { readonly kind: 'message'; readonly message: Message; readonly delivery?: number }
  /** An effect ended. */
  | { readonly kind: 'outcome'; readonly effect: string; readonly result: EffectResult }
  /** A delayed event of the machine is due. */
  | { readonly kind: 'timer'; readonly timer: string }
  /** A message given up: it could not be read, or never be dealt with. Its sender is told, no machine sees it. */
  | {
      readonly kind: 'given-up'
      readonly envelope: Envelope
      readonly delivery?: number
      readonly failure: FailureKind
      readonly reason: string
    }
  /** No answer came in time. `isNobodyThere`: no process of the role that was asked is alive. */
  | { readonly kind: 'overdue'; readonly message: MessageId; readonly isNobodyThere?: boolean }
  /** Messages of the last turn that their mailboxes, being full, refused. */
  | { readonly kind: 'unsent'; readonly messages: readonly MessageId[]; readonly reason: string }

const FAILURE = failure.messages.failure.type

/** Taken before, or no longer pending. */
export function reasonForNothing(
  record: ConversationRecord | undefined,
  input: TurnInput,
): 'seen' | 'stale' | undefined {
  const envelope = envelopeOf(input)
  if (envelope === undefined) return record !== undefined && isPending(record, input) ? undefined : 'stale'
  return record !== undefined && hasSeen(record.seen, envelope.id) ? 'seen' : undefined
}

/** Whether the conversation has begun, or begins with this message. */
export const mayBegin = (record: ConversationRecord | undefined, envelope: Envelope): boolean =>
  (record !== undefined && (record.snapshot !== null || record.phase === 'closed')) || opens(envelope)

/** What the turn took, for those who read the journal. */
export function idOf(input: TurnInput): Pick<ConversationRecord['took'], 'id' | 'call'> {
  if (input.kind === 'outcome') {
    const { call } = input.result
    return { id: input.effect, ...(call && { call }) }
  }
  const envelope = envelopeOf(input)
  return envelope === undefined ? {} : { id: envelope.id }
}

/** The same for who takes the turn again: all of the input but a message's own text. */
export function takenAs(input: TurnInput): Taken {
  switch (input.kind) {
    case 'message':
      return { kind: 'message' }
    case 'outcome': {
      const { result } = input
      return {
        kind: 'outcome',
        result: result.ok
          ? { ok: true, output: result.output ?? null }
          : { ok: false, error: { ...result.error } },
        ...(result.usage && { usage: { ...result.usage } }),
      }
    }
    case 'timer':
      return { kind: 'timer', timer: input.timer }
    case 'overdue':
      return { kind: 'overdue', message: input.message, isNobodyThere: input.isNobodyThere ?? false }
    case 'given-up':
      return { kind: 'given-up', failure: input.failure, reason: input.reason }
    case 'unsent':
      return { kind: 'unsent', reason: input.reason }
    default:
      return assertNever(input)
  }
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
