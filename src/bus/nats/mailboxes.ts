/**
 * Mailboxes: one work queue for all of them, and for each that is read one durable consumer, which its readers share.
 *
 * A mailbox is what is below one subject, `<prefix>.mail.role.coder`:
 * - `open` is for what opens something. The stream takes only so many messages of a subject: the server keeps the
 *   bound, exactly, in the one request that a put is.
 * - `more` is for the rest. The server bounds it too, since a stream knows one bound for all its subjects. So a message
 *   that finds it full goes to a subject of its own below it, by the hash of its dedup: that one cannot be full of
 *   anything else. Only where thousands wait does this cost a second request, and the server an entry for each.
 *
 * A stream of its own for what opens would need a second consumer, and readers that give back what came from the one
 * while they were served by the other; a look at the depth before each put is a request more, and bounds roughly. One
 * consumer reads all in its order: what must not wait behind openings belongs into the mailbox of a peer.
 *
 * Duplicates are recognised over the whole stream. Not recognised are those of messages that were acknowledged before
 * the server was started anew; and a message that found `more` full, and is put again once it is not.
 */
import { createHash } from 'node:crypto'
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
import { sweep } from './sweep.ts'

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
          ...(mailbox.kind !== 'role' && { inactive_threshold: nanos(PEER_INACTIVE_MS) }),
        })
      } catch (error) {
        // Somebody else was faster, with another ack wait.
        if (apiCode(error) === undefined) throw error
        return await find()
      }
    })
  }

  /** How much is stored in each mailbox whose subjects a filter matches. */
  function depths(what: string, filter: string): Promise<Map<string, { mailbox: Mailbox; depth: number }>> {
    return connection.read(what, async () => {
      const { state } = await jetStream.streams.info(stream, { subjects_filter: filter })
      const found = new Map<string, { mailbox: Mailbox; depth: number }>()
      for (const [subject, count] of Object.entries(state.subjects ?? {})) {
        const mailbox = subjects.mailboxOf(subject)
        if (mailbox === undefined || count === 0) continue
        const name = mailboxSubject(mailbox)
        found.set(name, { mailbox, depth: count + (found.get(name)?.depth ?? 0) })
      }
      return found
    })
  }

  return {
    async put(mailbox, frame, { dedup, opens = false }) {
      const name = mailboxSubject(mailbox)
      const putTo = (subject: string, id: string) =>
        store({
          what: `the message to mailbox "${name}"`,
          subject,
          headers: headersOf(frame),
          body: frame.body,
          dedup: id,
        })
      const { kind } = await putTo(opens ? subjects.opening(mailbox) : subjects.following(mailbox), dedup)
      if (kind !== 'full') return
      if (opens) throw new MailboxFullError(name)
      const apart = subjects.apart(mailbox, createHash('sha256').update(dedup).digest('hex'))
      // Its own dedup: a cluster may remember that of a message which it has just refused. Full is as good as stored.
      await putTo(apart, apart)
    },

    async reader(mailbox, { prefetch, ahead = false }) {
      const { name, config } = await consumer(mailbox)
      const ackWaitMs = millis(config.ack_wait ?? 0)
      return openReader(
        connection,
        { stream, consumer: name, ackWaitMs, restore: () => consumer(mailbox) },
        { prefetch, ahead },
      )
    },

    async depth(mailbox) {
      const name = mailboxSubject(mailbox)
      const found = await depths(`the depth of mailbox "${name}"`, subjects.mail(mailbox))
      return found.get(name)?.depth ?? 0
    },

    waiting: async () => [...(await depths('the look at all mailboxes', subjects.allMail)).values()],

    sweep: (isWaste) => sweep({ connection, jetStream, subjects }, isWaste),

    /** Sees every attempt to put: also a duplicate, and one that the stream then refuses. */
    tap: () =>
      openSubscription(connection, subjects.allMail, (message) => {
        const mailbox = subjects.mailboxOf(message.subject)
        return mailbox && { mailbox, frame: frameOf(message) }
      }),
  }
}
