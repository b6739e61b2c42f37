/** Records in memory: a list of entries for each key, numbered over all keys. */
import type { Clock } from '../../time/clock.ts'
import { ConflictError } from '../errors.ts'
import type { RecordEntry, RecordKey, Records } from '../records.ts'
import type { Link } from './link.ts'
import { checkSize, copyBytes } from './payload.ts'
import { isAtOrBelow } from './prefix.ts'
import { type MemoryWatch, openWatch } from './watch.ts'

export type RecordsOptions = { readonly clock: Clock; readonly maxPayloadBytes: number }

const copyEntry = (entry: RecordEntry): RecordEntry => ({ ...entry, value: copyBytes(entry.value) })
const byRevision = (a: RecordEntry, b: RecordEntry) => a.revision - b.revision

export function memoryRecords({ clock, maxPayloadBytes }: RecordsOptions): { on(link: Link): Records } {
  const journals = new Map<RecordKey, RecordEntry[]>()
  const watches = new Set<MemoryWatch>()
  let revision = 0

  const journalsOf = (prefix: RecordKey) =>
    [...journals].filter(([key]) => isAtOrBelow(prefix, key)).map(([, journal]) => journal)

  /** The journals of a prefix as a replica has them that lacks the newest entry. */
  function withoutNewest(all: RecordEntry[][]): RecordEntry[][] {
    const newest = Math.max(...all.map((journal) => journal.at(-1)?.revision ?? 0))
    return all.map((journal) => journal.filter((entry) => entry.revision < newest))
  }

  const seen = (prefix: RecordKey, stale = false) =>
    stale ? withoutNewest(journalsOf(prefix)) : journalsOf(prefix)
  const history = (prefix: RecordKey, stale?: boolean) => seen(prefix, stale).flat().sort(byRevision)
  const latest = (prefix: RecordKey, stale?: boolean) =>
    seen(prefix, stale)
      .flatMap((journal) => journal.slice(-1))
      .sort(byRevision)

  function append(key: RecordKey, value: Uint8Array, expected: number): number {
    const journal = journals.get(key) ?? []
    if ((journal.at(-1)?.revision ?? 0) !== expected) throw new ConflictError(key, expected)
    const entry: RecordEntry = { key, value, revision: ++revision, storedAt: clock.now() }
    journal.push(entry)
    journals.set(key, journal)
    for (const watch of watches) watch.tell(copyEntry(entry))
    return revision
  }

  function watch(link: Link, prefix: RecordKey): MemoryWatch {
    const since = (after: number) =>
      history(prefix)
        .filter((entry) => entry.revision > after)
        .map(copyEntry)
    const opened = openWatch(link, { clock, prefix, since, gone: () => watches.delete(opened) })
    for (const entry of latest(prefix)) opened.tell(copyEntry(entry))
    watches.add(opened)
    return opened
  }

  return {
    on: (link) => ({
      read: (key) =>
        link.ask({ kind: 'read', name: 'records.read', key }, ({ stale }) => {
          const entry = journals.get(key)?.at(stale ? -2 : -1)
          return entry && copyEntry(entry)
        }),
      async append(key, value, expected) {
        checkSize(`record "${key}"`, value.length, maxPayloadBytes)
        const stored = copyBytes(value)
        return link.ask({ kind: 'write', name: 'records.append', key }, () => append(key, stored, expected))
      },
      history: (prefix) =>
        link.ask({ kind: 'read', name: 'records.history', key: prefix }, ({ stale }) =>
          history(prefix, stale).map(copyEntry),
        ),
      latest: (prefix) =>
        link.ask({ kind: 'read', name: 'records.latest', key: prefix }, ({ stale }) =>
          latest(prefix, stale).map(copyEntry),
        ),
      watch: (prefix) =>
        link.ask({ kind: 'read', name: 'records.watch', key: prefix }, () => watch(link, prefix)),
      purge: (prefix, before = Number.POSITIVE_INFINITY) =>
        link.ask({ kind: 'write', name: 'records.purge', key: prefix }, () => {
          for (const [key, journal] of [...journals]) {
            if (!isAtOrBelow(prefix, key)) continue
            const kept = journal.filter((entry) => entry.revision >= before)
            if (kept.length === 0) journals.delete(key)
            else journals.set(key, kept)
          }
        }),
    }),
  }
}
