/** The bus as a simulated process has it: all it does there is seen, as it does it. */
import type { Blobs } from '../bus/blobs.ts'
import type { Bus } from '../bus/bus.ts'
import type { Witness } from './witness.ts'

/** @param blobs those of the simulation, in place of the network's */
export function witnessed({ mailboxes, records, ...bus }: Bus, blobs: Blobs, witness: Witness): Bus {
  return {
    ...bus,
    mailboxes: {
      ...mailboxes,
      put(mailbox, frame, options) {
        witness.puts(mailbox, frame)
        return mailboxes.put(mailbox, frame, options)
      },
      // What lies in a mailbox may be passed on without being taken from it first.
      sweep: (isWaste) =>
        mailboxes.sweep((mailbox, frame) => {
          witness.received(frame)
          return isWaste(mailbox, frame)
        }),
      async reader(mailbox, options) {
        const reader = await mailboxes.reader(mailbox, options)
        return {
          ...reader,
          async next(signal) {
            const delivery = await reader.next(signal)
            if (delivery !== undefined) witness.received(delivery.frame)
            return delivery
          },
        }
      },
    },
    records: {
      ...records,
      async read(key) {
        const entry = await records.read(key)
        if (entry !== undefined) witness.read(entry)
        return entry
      },
      async append(key, value, expected) {
        const revision = await records.append(key, value, expected)
        witness.appended({ key, value })
        return revision
      },
    },
    blobs: { ...bus.blobs, put: blobs.put, get: blobs.get },
  }
}
