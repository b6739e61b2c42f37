/** A bus with a trap around every step of a turn that the host takes through it: commits, publishes and acks. */
import { HEADER } from '../../../protocols/envelope.ts'
import type { Bus } from '../../../src/bus/bus.ts'
import type { Frame } from '../../../src/bus/frame.ts'
import { decodeRecord } from '../../../src/turn/record.ts'
import type { Trap } from './trap.ts'

export function trappedBus(bus: Bus, trap: Trap): Bus {
  const { records, mailboxes } = bus
  return {
    ...bus,
    records: {
      ...records,
      append(key, value, expected) {
        const append = () => records.append(key, value, expected)
        return key.startsWith('conversation.') ? trap.around(commitOf(value), append) : append()
      },
    },
    mailboxes: {
      ...mailboxes,
      put: (mailbox, frame, options) =>
        trap.around(`publish ${typeOf(frame)}`, () => mailboxes.put(mailbox, frame, options)),
      async reader(mailbox, options) {
        const reader = await mailboxes.reader(mailbox, options)
        return {
          ...reader,
          async next(signal) {
            const delivery = await reader.next(signal)
            if (delivery === undefined) return undefined
            const ack = () =>
              trap.around(`ack ${typeOf(delivery.frame)}`, async () => {
                await delivery.ack()
                // It is handed to the connection, no more: once a later request is answered it has left.
                await mailboxes.depth(mailbox)
              })
            return { ...delivery, ack }
          },
        }
      },
    },
  }
}

/** `commit clerk: chat → asking`: what the turn took, and the state that it led to. */
function commitOf(value: Uint8Array): string {
  const { role, took } = decodeRecord(value)
  return `commit ${role}: ${took.event.replace(/^xstate\.\w+\.actor\./, '')} → ${took.to}`
}

const typeOf = ({ headers }: Frame) => headers[HEADER.type]
