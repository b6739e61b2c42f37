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

/** In place of a key, what is asked of all mailboxes. */
const ALL = '>'

export type MailboxesOptions = MailboxOptions & {
  readonly dedupWindowMs: number
  readonly maxPayloadBytes: number
}

export function memoryMailboxes(options: MailboxesOptions): { on(link: Link): Mailboxes } {
  const opened = new Map<string, { readonly mailbox: Mailbox; readonly memory: MemoryMailbox }>()
  const dedup = createDedup(options.clock, options.dedupWindowMs)
  const tappers = new Set<Tapper>()

  function open(mailbox: Mailbox): MemoryMailbox {
    const subject = mailboxSubject(mailbox)
    const there = opened.get(subject)
    if (there !== undefined) return there.memory
    const memory = createMailbox(subject, options)
    opened.set(subject, { mailbox, memory })
    return memory
  }

  const stored = () =>
    [...opened.values()].flatMap(({ mailbox, memory }) =>
      memory.stored().map((message) => ({ mailbox, memory, message })),
    )

  return {
    on: (link) => ({
      async put(mailbox, frame, { dedup: id, opens = false }) {
        const key = mailboxSubject(mailbox)
        checkSize(`frame for "${key}"`, frameBytes(frame), options.maxPayloadBytes)
        const kept = copyFrame(frame)
        return link.ask({ kind: 'write', name: 'mailboxes.put', key }, (fault) => {
          if (dedup.has(id) && !fault.forgotten) return
          open(mailbox).put(kept, opens)
          dedup.add(id)
          for (const tapper of tappers) {
            const put = { mailbox, frame: copyFrame(kept) }
            tapper.link.carry('mailboxes.tap', key, () => tapper.feed.push(put))
          }
        })
      },
      reader(mailbox, { prefetch }) {
        const key = mailboxSubject(mailbox)
        return link.ask({ kind: 'read', name: 'mailboxes.reader', key }, () =>
          open(mailbox).reader(link, prefetch),
        )
      },
      depth(mailbox) {
        const key = mailboxSubject(mailbox)
        return link.ask({ kind: 'read', name: 'mailboxes.depth', key }, () => open(mailbox).depth())
      },
      waiting: () =>
        link.ask({ kind: 'read', name: 'mailboxes.waiting', key: ALL }, () =>
          [...opened.values()]
            .map(({ mailbox, memory }) => ({ mailbox, depth: memory.depth() }))
            .filter(({ depth }) => depth > 0),
        ),
      async sweep(isWaste) {
        const request = { name: 'mailboxes.sweep', key: ALL }
        const all = await link.ask({ kind: 'read', ...request }, stored)
        const waste = all.filter(({ mailbox, message }) => isWaste(mailbox, copyFrame(message.frame)))
        return link.ask(
          { kind: 'write', ...request },
          () => waste.filter(({ memory, message }) => memory.remove(message)).length,
        )
      },
      tap: () =>
        link.ask({ kind: 'read', name: 'mailboxes.tap', key: ALL }, () => {
          const feed: Tapper['feed'] = openFeed(link, { gone: () => tappers.delete(tapper) })
          const tapper = { link, feed }
          tappers.add(tapper)
          return Object.assign(feed, { close: feed.end })
        }),
    }),
  }
}
