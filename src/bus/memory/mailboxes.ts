/** The mailboxes of a network in memory: made when they are first named, with one dedup window over all of them. */
import type { Frame } from '../frame.ts'
import { type Mailbox, type Mailboxes, mailboxSubject } from '../mailboxes.ts'
import { createDedup } from './dedup.ts'
import { type Feed, openFeed } from './feed.ts'
import type { Link } from './link.ts'
import { createMailbox, type MailboxOptions, type MemoryMailbox } from './mailbox.ts'
import { checkSize, copyFrame, frameBytes } from './payload.ts'

type Tapper = {
  readonly link: Link
  readonly feed: Feed<{ readonly mailbox: Mailbox; readonly frame: Frame }>
}

export type MailboxesOptions = MailboxOptions & {
  readonly dedupWindowMs: number
  readonly maxPayloadBytes: number
}

export function memoryMailboxes(options: MailboxesOptions): { on(link: Link): Mailboxes } {
  const mailboxes = new Map<string, MemoryMailbox>()
  const dedup = createDedup(options.clock, options.dedupWindowMs)
  const tappers = new Set<Tapper>()

  function open(subject: string): MemoryMailbox {
    const mailbox = mailboxes.get(subject) ?? createMailbox(subject, options)
    mailboxes.set(subject, mailbox)
    return mailbox
  }

  return {
    on: (link) => ({
      async put(mailbox, frame, { dedup: id }) {
        const key = mailboxSubject(mailbox)
        checkSize(`frame for "${key}"`, frameBytes(frame), options.maxPayloadBytes)
        const stored = copyFrame(frame)
        return link.ask({ kind: 'write', name: 'mailboxes.put', key }, (fault) => {
          if (dedup.has(id) && !fault.forgotten) return
          open(key).put(stored)
          dedup.add(id)
          for (const tapper of tappers) {
            const put = { mailbox, frame: copyFrame(stored) }
            tapper.link.carry('mailboxes.tap', key, () => tapper.feed.push(put))
          }
        })
      },
      reader(mailbox, { prefetch }) {
        const key = mailboxSubject(mailbox)
        return link.ask({ kind: 'read', name: 'mailboxes.reader', key }, () =>
          open(key).reader(link, prefetch),
        )
      },
      depth(mailbox) {
        const key = mailboxSubject(mailbox)
        return link.ask({ kind: 'read', name: 'mailboxes.depth', key }, () => open(key).depth())
      },
      tap: () =>
        link.ask({ kind: 'read', name: 'mailboxes.tap', key: '>' }, () => {
          const feed: Tapper['feed'] = openFeed(link, { gone: () => tappers.delete(tapper) })
          const tapper = { link, feed }
          tappers.add(tapper)
          return Object.assign(feed, { close: feed.end })
        }),
    }),
  }
}
