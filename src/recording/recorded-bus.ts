/**
 * A bus on which a recorded run is replayed: a message comes when it is its turn, to the peer that took it then, and
 * what is committed is compared with the recording.
 */
import { HEADER } from '../../protocols/envelope.ts'
import { messageIdSchema } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { Mailboxes } from '../bus/mailboxes.ts'
import type { Records } from '../bus/records.ts'
import { decodeRun } from '../run/run-record.ts'
import { decodeRecord } from '../turn/record.ts'
import type { Course } from './course.ts'
import { RecordingError } from './recording-error.ts'

export const recordedBus = (bus: Bus, course: Course): Bus => ({
  ...bus,
  mailboxes: scheduled(bus.mailboxes, course),
  records: compared(bus.records, course),
})

function scheduled(mailboxes: Mailboxes, course: Course): Mailboxes {
  return {
    ...mailboxes,
    async put(mailbox, frame, options) {
      const id = messageIdSchema.safeParse(frame.headers[HEADER.id]).data
      if (id === undefined) return mailboxes.put(mailbox, frame, options)
      const taker = course.takerOf(id)
      const to = taker === undefined ? mailbox : ({ kind: 'peer', peer: taker.peer } as const)
      // On its way until then: who sent it need not wait.
      void course
        .untilMessage(id)
        .then(() => mailboxes.put(to, frame, { dedup: options.dedup }))
        .catch((cause) =>
          course.fail(new RecordingError('missing', `"${id}" could not be delivered`, { cause })),
        )
    },
  }
}

function compared(records: Records, course: Course): Records {
  return {
    ...records,
    async append(key, value, expected) {
      if (key.startsWith('run.') && decodeRun(value).state !== 'open') await course.done
      const revision = await records.append(key, value, expected)
      if (key.startsWith('conversation.')) course.committed(decodeRecord(value))
      return revision
    },
  }
}
