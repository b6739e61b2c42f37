/**
 * A watch of records in memory. Its entries arrive in the order of their revisions, however long each is on its way,
 * and a client that was cut off gets what it missed.
 */
import type { Clock } from '../../time/clock.ts'
import type { RecordEntry, RecordKey, RecordWatch } from '../records.ts'
import { openFeed } from './feed.ts'
import type { Link } from './link.ts'
import { isAtOrBelow } from './prefix.ts'

export interface MemoryWatch extends RecordWatch {
  /** An entry was appended. */
  tell(entry: RecordEntry): void
}

export type WatchOptions = {
  readonly clock: Clock
  readonly prefix: RecordKey
  /** All entries of the prefix after a revision, in order. */
  readonly since: (revision: number) => RecordEntry[]
  readonly gone: () => void
}

export function openWatch(link: Link, { clock, prefix, since, gone }: WatchOptions): MemoryWatch {
  const onTheWay: RecordEntry[] = []
  let arrivesMs = 0
  let sent = 0

  function send(entry: RecordEntry): void {
    sent = entry.revision
    const { delayMs = 0 } = link.fault({ kind: 'update', name: 'records.watch', key: entry.key })
    onTheWay.push(entry)
    arrivesMs = Math.max(arrivesMs, clock.now() + delayMs)
    // Whichever timer fires takes the head of the line: order does not hang on how a clock breaks ties.
    link.after(arrivesMs - clock.now(), () => {
      const head = onTheWay.shift()
      if (head) feed.push(head)
    })
  }

  const feed = openFeed<RecordEntry>(link, { gone, resume: () => since(sent).forEach(send) })
  return Object.assign(feed, {
    close: feed.end,
    tell(entry: RecordEntry) {
      if (link.reachable() && isAtOrBelow(prefix, entry.key)) send(entry)
    },
  })
}
