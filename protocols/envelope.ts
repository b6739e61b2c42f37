/**
 * The envelope: everything about a message but its body. On the wire it is text headers, so that anybody with a NATS
 * client and the schema can join in; in memory it is this type. `src/codec` goes between the two.
 */
import type { Address, Passage, Sender, Stop } from './address.ts'
import type { MessageId, RunId } from './ids.ts'

export type Envelope = {
  readonly id: MessageId
  readonly type: string
  /** Version of the protocol that `type` belongs to. */
  readonly version: number
  readonly from: Sender
  readonly to: Address
  readonly run: RunId
  /** The message this one answers. */
  readonly correlation?: MessageId
  /** Where an answer to this goes; empty: back to the sender. */
  readonly slip: readonly Stop[]
  /** When the sender stops waiting, in milliseconds since 1970. Inherited: never later than what caused it. */
  readonly deadline: number
  /** How many more messages this one may cause in a row. Inherited, one less each time. */
  readonly hops: number
  /** The share of the run's stake that travels with the message (see `src/run/stake.ts`). */
  readonly stake: string
  /** When the turn that sent it was taken, in milliseconds since 1970 by the sender's clock. */
  readonly sentAt: number
  /** W3C trace context. It names only spans whose ids are in a record. */
  readonly traceparent: string
  readonly tracestate?: string
  /** Peers that passed it on, oldest first; none where it came straight. */
  readonly trail?: readonly Passage[]
}

/** A message: what a codec takes and gives. */
export type Message = Envelope & { readonly body: unknown }

/** Header names on the wire. Readers match them without regard to case. */
export const HEADER = {
  id: 'Skein-Id',
  type: 'Skein-Type',
  version: 'Skein-Version',
  /** `<role>/<peer>` of the sender; its conversation is in the id. */
  from: 'Skein-From',
  /** The role addressed; its conversation is in the id. */
  to: 'Skein-To',
  run: 'Skein-Run',
  correlation: 'Skein-Correlation',
  /** JSON array of stops. */
  slip: 'Skein-Slip',
  deadline: 'Skein-Deadline',
  hops: 'Skein-Hops',
  stake: 'Skein-Stake',
  sentAt: 'Skein-Sent-At',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  /** Only while others pass it on: the mailbox it shall end in, `desk.coder-1`. */
  route: 'Skein-Route',
  /** JSON array of passages: who passed it on. */
  trail: 'Skein-Trail',
  /** Why somebody on the way did not pass it on: its addressee tells its sender. */
  barred: 'Skein-Barred',
} as const
