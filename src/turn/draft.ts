/** The next record while a turn works on it: a copy whose fields may be replaced, never changed in place. */

import type { AnyMachineSnapshot } from 'xstate'
import type { Message } from '../../protocols/envelope.ts'
import type { PeerId } from '../../protocols/ids.ts'
import type { MachineEvent } from './interpreter.ts'
import type { ConversationRecord, OutboxEntry } from './record.ts'

/** What the host tells a turn: nothing else that changes from one attempt to the next may matter (T5). */
export type TurnContext = {
  readonly peer: PeerId
  readonly epoch: number
  readonly nonce: string
  readonly host: string
  readonly pid: number
  /** When the host took the input in hand, and when it takes the turn; milliseconds since 1970. */
  readonly takenAt: number
  readonly now: number
  /** Fail the conversation with this, instead of asking its machine. */
  readonly problem?: string
  /** Resource attributes of the spans. */
  readonly resource: Readonly<Record<string, string | number>>
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] }

export type Draft = Mutable<ConversationRecord> & {
  now: number
  live: AnyMachineSnapshot | undefined
  /** Events of the host's own that are still to be offered in this turn. */
  events: MachineEvent[]
  /** How many effects and timers this turn has named. */
  named: number
  /** Messages sent by this turn, with their spans. */
  sends: { readonly spanId: string; readonly message: Message; readonly mailbox: OutboxEntry['mailbox'] }[]
}

/** The record of a draft. */
export function sealed(draft: Draft): ConversationRecord {
  const { now: _now, live: _live, events: _events, named: _named, sends: _sends, ...record } = draft
  return record
}
