/** A message that a consumer delivered, and what may be said about it: the acknowledgements of JetStream. */
import { type Msg, nanos } from '@nats-io/transport-node'
import type { Delivery } from '../mailboxes.ts'
import { frameOf } from './frames.ts'

export type Handling = {
  /** Nothing more will be said about it. */
  settled(): void
  /** Its time until redelivery began anew. */
  prolonged(): void
}

const ACK = '+ACK'
const NAK = '-NAK'
const WORKING = '+WPI'

export function deliveryOf(message: Msg, handling: Handling): Delivery {
  let done = false
  const settle = (text: string) => {
    if (done) return
    done = true
    say(message, text)
    handling.settled()
  }
  return {
    frame: frameOf(message),
    attempt: countsOf(message).attempt,
    ack: async () => settle(ACK),
    retry: async (delayMs) => settle(delayMs > 0 ? `${NAK} {"delay": ${nanos(delayMs)}}` : NAK),
    working: async () => {
      if (done) return
      say(message, WORKING)
      handling.prolonged()
    },
  }
}

/** Gives a message back at once, unread. */
export const refuse = (message: Msg): void => say(message, NAK)

/**
 * What the subject for replies tells: `$JS.ACK.<stream>.<consumer>.<attempt>.<sequence>.<delivery>.<time>.<waiting>`,
 * and with `<domain>.<account>` before the stream and more behind.
 */
export function countsOf(message: Msg): { readonly attempt: number; readonly waiting: number } {
  const tokens = (message.reply ?? '').split('.')
  const stream = tokens.length === 9 ? 2 : 4
  return { attempt: Number(tokens[stream + 2]), waiting: Number(tokens[stream + 6]) }
}

/** Best effort: what cannot be said any more, the server finds out when the ack wait is over. */
function say(message: Msg, text: string): void {
  try {
    message.respond(text)
  } catch {}
}
