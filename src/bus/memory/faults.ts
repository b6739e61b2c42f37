/**
 * How the network misbehaves. It asks before every operation what is to happen to it, and does that: the decision is
 * the caller's, from a list, a seed or a rule. What befalls a client whatever it does, is not here: crashes, partitions
 * and pauses are the network's methods.
 */
import type { Frame } from '../frame.ts'

/** What is about to happen, to or for one client. */
export type Operation = {
  /**
   * - `read`, `write`: a request of the client, and its answer;
   * - `settle`: an ack, retry or "still working" of the client, which has no answer;
   * - `signal`: a signal, or what a tap sees, on its way to the client;
   * - `delivery`: a message on its way to a reader of the client;
   * - `update`: a record's entry on its way to a watch of the client.
   */
  readonly kind: 'read' | 'write' | 'settle' | 'signal' | 'delivery' | 'update'
  readonly client: string
  /** What was called: `records.append`, `delivery.ack`. */
  readonly name: string
  /** The subject, mailbox, record, lease or blob. */
  readonly key: string
  /** Of a delivery: the headers of its message. */
  readonly headers?: Frame['headers']
}

/** What happens to it. What makes no sense for an operation is ignored; nothing set is no fault. */
export type Fault = {
  /** Milliseconds on its way, to the bus or from it. Entries on their way to a watch stay in order. */
  readonly delayMs?: number
  /** `read`, `write`: milliseconds that the answer takes. */
  readonly answerMs?: number
  /** `read`, `write`: it is carried out and the answer is lost. */
  readonly unanswered?: boolean
  /** `read`, `write`, `settle`: the client's process dies before it is carried out, or after that, unanswered. */
  readonly crash?: 'before' | 'after'
  /** `signal`, `settle`: it never arrives. */
  readonly drop?: boolean
  /** `signal`, `delivery`: it arrives twice. The second delivery of a message comes even if the first was acknowledged. */
  readonly duplicate?: boolean
  /** `delivery`: the newest message instead of the oldest. */
  readonly reorder?: boolean
  /** `mailboxes.put`: as if the dedup window had passed. */
  readonly forgotten?: boolean
  /** `records.read`, `history`, `latest`: the answer lacks the newest entry, as from a replica that lags behind. */
  readonly stale?: boolean
}

export type Faults = (operation: Operation) => Fault

const NO_FAULT: Fault = {}

/** A network that works. */
export const noFaults: Faults = () => NO_FAULT
