/**
 * A bus on which a recorded run is replayed: a message comes when it is its turn, to the peer that took it then, and
 * what is committed is compared with the recording.
 */
import { HEADER } from '../../protocols/envelope.ts'
import { messageIdSchema } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import { MailboxFullError } from '../bus/errors.ts'
import { type Mailboxes, mailboxSubject } from '../bus/mailboxes.ts'
import type { Records } from '../bus/records.ts'
import { decodeRun, encodeRun } from '../run/run-record.ts'
import { decodeRecord } from '../turn/record.ts'
import type { Course } from './course.ts'
import type { RecordingHeader } from './recording.ts'
import { RecordingError } from './recording-error.ts'

export const recordedBus = (bus: Bus, course: Course, end: RecordingHeader['end']): Bus => ({
  ...bus,
  mailboxes: scheduled(bus.mailboxes, course),
  records: compared(bus.records, course, end),
})

function scheduled(mailboxes: Mailboxes, course: Course): Mailboxes {
  return {
    ...mailboxes,
    async put(mailbox, frame, options) {
      const id = messageIdSchema.safeParse(frame.headers[HEADER.id]).data
      if (id === undefined) return mailboxes.put(mailbox, frame, options)
      const reason = await course.refusalOf(id)
      // With the text of then, which machines are told.
      if (reason !== undefined)
        throw Object.assign(new MailboxFullError(mailboxSubject(mailbox)), { message: reason })
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

function compared(records: Records, course: Course, end: RecordingHeader['end']): Records {
  /** No run ends before all was taken. Why one was stopped is its clocks' business, and that of who was there. */
  async function ending(value: Uint8Array): Promise<Uint8Array> {
    const record = decodeRun(value)
    if (record.state !== 'open') await course.done
    if (record.state !== 'ending' || !end.stopped) return value
    return encodeRun({ ...record, outcome: end.outcome, reason: end.reason })
  }

  return {
    ...records,
    async append(key, value, expected) {
      const given = key.startsWith('run.') ? await ending(value) : value
      const revision = await records.append(key, given, expected)
      if (key.startsWith('conversation.')) course.committed(decodeRecord(value))
      return revision
    },
  }
}
