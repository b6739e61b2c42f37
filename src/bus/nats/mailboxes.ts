/**
 * Mailboxes: one work queue for all of them, a subject each, and for each that is read one durable consumer, which
 * its readers share. Duplicates are recognised over the whole stream; but a server that was started anew has forgotten
 * those of messages that were acknowledged before.
 */
import {
  AckPolicy,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  ReplayPolicy,
} from '@nats-io/jetstream'
import { millis, nanos } from '@nats-io/transport-node'
import { MailboxFullError } from '../errors.ts'
import { type Mailbox, type Mailboxes, mailboxSubject } from '../mailboxes.ts'
import type { Connection } from './connection.ts'
import { API, apiCode } from './failures.ts'
import { frameOf, headersOf } from './frames.ts'
import { openReader } from './reader.ts'
import type { Store } from './store.ts'
import type { Subjects } from './subjects.ts'
import { openSubscription } from './subscription.ts'

export type MailboxesOver = {
  readonly connection: Connection
  readonly jetStream: JetStreamManager
  readonly store: Store
  readonly subjects: Subjects
  /** For consumers made from here. One that exists keeps its own. */
  readonly ackWaitMs: number
}

/** How long the consumer of a peer's mailbox outlives its last reader. Its mail stays, and a new one finds it. */
const PEER_INACTIVE_MS = 3_600_000

export function natsMailboxes(over: MailboxesOver): Mailboxes {
  const { connection, jetStream, store, subjects } = over
  const stream = subjects.mailStream

  /** The consumer of a mailbox, made by its first reader. */
  function consumer(mailbox: Mailbox): Promise<ConsumerInfo> {
    const name = mailboxSubject(mailbox).replace('.', '_')
    return connection.read(`the reading of mailbox "${mailboxSubject(mailbox)}"`, async () => {
      const find = () => jetStream.consumers.info(stream, name)
      try {
        return await find()
      } catch (error) {
        if (apiCode(error) !== API.consumerNotFound) throw error
      }
      try {
        return await jetStream.consumers.add(stream, {
          durable_name: name,
          filter_subject: subjects.mail(mailbox),
          deliver_policy: DeliverPolicy.All,
          replay_policy: ReplayPolicy.Instant,
          ack_policy: AckPolicy.Explicit,
          ack_wait: nanos(over.ackWaitMs),
          max_ack_pending: -1,
          max_deliver: -1,
          // Every run has an origin with a mailbox: what nobody reads any more shall not stay for ever.
          ...(mailbox.kind === 'peer' && { inactive_threshold: nanos(PEER_INACTIVE_MS) }),
        })
      } catch (error) {
        // Somebody else was faster, with another ack wait.
        if (apiCode(error) === undefined) throw error
        return await find()
      }
    })
  }

  return {
    async put(mailbox, frame, { dedup }) {
      const name = mailboxSubject(mailbox)
      const stored = await store({
        what: `the message to mailbox "${name}"`,
        subject: subjects.mail(mailbox),
        headers: headersOf(frame),
        body: frame.body,
        dedup,
      })
      if (stored.kind === 'full') throw new MailboxFullError(name)
    },

    async reader(mailbox, { prefetch }) {
      const { name, config } = await consumer(mailbox)
      const ackWaitMs = millis(config.ack_wait ?? 0)
      return openReader(
        connection,
        { stream, consumer: name, ackWaitMs, restore: () => consumer(mailbox) },
        prefetch,
      )
    },

    depth(mailbox) {
      const subject = subjects.mail(mailbox)
      return connection.read(`the depth of mailbox "${mailboxSubject(mailbox)}"`, async () => {
        const { state } = await jetStream.streams.info(stream, { subjects_filter: subject })
        return state.subjects?.[subject] ?? 0
      })
    },

    /** Sees every attempt to put: also a duplicate, and one that the stream then refuses. */
    tap: () =>
      openSubscription(connection, subjects.allMail, (message) => {
        const mailbox = subjects.mailboxOf(message.subject)
        return mailbox && { mailbox, frame: frameOf(message) }
      }),
  }
}
