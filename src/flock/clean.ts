/**
 * Retention: how long a bus keeps what runs leave on it.
 *
 * What a run left is removed when it has been over for long enough (seven days, unless one says otherwise): the
 * journals of its conversations, its head, its blackboards and claims, its quota, what waited for people, its dead
 * letters, its mail in whatever mailbox, and its record. A run counts as over from its deadline on where nobody holds its origin: who started it was killed. What belongs to no run that the
 * bus knows, since it came too late, goes by its own age. A blob goes when nothing that stays names it, and no sooner
 * than an hour after it was put (`waste-blobs`).
 *
 * C1 Of a run that is under way nothing is removed.
 * C2 Whoever cleans may be killed at any moment, and the next one goes on. A run's mail goes first, so that nothing of
 *    it is opened again, and its record last, since that is what the rest is found by.
 * C3 Records of other kinds (`run-records`) stay, and name no blobs: what others write. Those of rates are of a key and
 *    no run: one that nobody wrote for a day goes, and of the others the entries before the last, which nobody reads.
 *    What is written meanwhile stays.
 */
import type { BlobHash, RunId } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { RecordEntry } from '../bus/records.ts'
import { RATE, UNUSED_MS } from '../rate/rate-limits.ts'
import type { Clock } from '../time/clock.ts'
import { FlockError } from './errors.ts'
import { type KnownRuns, knownRuns, overSince } from './known-runs.ts'
import { headOf } from './message-head.ts'
import { namedIn } from './named-blobs.ts'
import { RUN_RECORDS, type RunRecordKind, runOfKey } from './run-records.ts'
import { wasteBlobs } from './waste-blobs.ts'

/** What runs left is kept for so long, unless somebody says otherwise. */
export const KEPT_MS = 7 * 86_400_000

/** What belongs to no known run may belong to one that begins. */
const STRAY_MS = 3_600_000

export type CleanOptions = {
  readonly bus: Bus
  readonly clock: Clock
  /** Runs that have been over for that long; or one, at once. */
  readonly which: { readonly olderMs: number } | { readonly run: RunId }
  /** Removes nothing, and answers what it would remove. */
  readonly dryRun: boolean
  /** Takes a line for people before each step that may take long. */
  readonly say: (text: string) => void
  /** Ends it between two steps: what was removed until then is answered. */
  readonly signal: AbortSignal
}

export type Cleaned = {
  readonly runs: readonly RunId[]
  /** Journals, each with all of its entries. */
  readonly records: number
  readonly messages: number
  readonly deadLetters: number
  readonly blobs: number
  /** The size of the blobs. */
  readonly bytes: number
}

/** @throws FlockError `flock.under-way` for a run that is named and not over; UnavailableError, AmbiguousError */
export async function clean(options: CleanOptions): Promise<Cleaned> {
  const { bus, clock, which, dryRun, say, signal } = options
  const [runs, now] = [await knownRuns(bus), clock.now()]
  const gone = 'run' in which ? theOne(which.run, runs, now) : overFor(which.olderMs, runs, now)
  const strayMs = 'run' in which ? Number.POSITIVE_INFINITY : Math.max(which.olderMs, STRAY_MS)
  const isGone = (run: RunId | undefined, time: number) =>
    run !== undefined && (gone.has(run) || (!runs.has(run) && now - time >= strayMs))
  const isWaste = ({ key, storedAt }: RecordEntry) => isGone(runOfKey(key), storedAt)
  const inMail = new Set<BlobHash>()
  const removed = { records: 0, messages: 0, deadLetters: 0, blobs: 0, bytes: 0 }

  async function cleanMail(): Promise<void> {
    say('looking through the mail')
    await bus.mailboxes.sweep((_, frame) => {
      if (signal.aborted) return false
      const { run, deadline } = headOf(frame)
      const waste = isGone(run, deadline ?? now)
      if (waste) removed.messages++
      else for (const hash of namedIn(frame.body)) inMail.add(hash)
      return waste && !dryRun
    })
  }

  async function cleanRecords(kind: RunRecordKind): Promise<void> {
    const waste = (await bus.records.latest(kind)).filter(isWaste)
    if (waste.length > 0) say(`removing records of kind "${kind}": ${waste.length}`)
    for (const { key } of waste) {
      if (signal.aborted) return
      if (!dryRun) await bus.records.purge(key)
      removed[kind === 'dead' ? 'deadLetters' : 'records']++
    }
  }

  // C3
  async function cleanRates(): Promise<void> {
    if ('run' in which) return
    for (const { key, revision, storedAt } of await bus.records.latest(RATE)) {
      if (signal.aborted) return
      const isUnused = now - storedAt >= UNUSED_MS
      if (isUnused) removed.records++
      if (!dryRun) await bus.records.purge(key, isUnused ? revision + 1 : revision)
    }
  }

  async function cleanBlobs(): Promise<void> {
    say('looking for blobs that nothing names')
    const waste = await wasteBlobs({ bus, clock, runs, isWaste, inMail, signal })
    if (waste.length > 0) say(`removing blobs: ${waste.length}`)
    for (const { hash, bytes } of waste) {
      if (signal.aborted) return
      if (!dryRun) await bus.blobs.remove(hash)
      removed.blobs++
      removed.bytes += bytes
    }
  }

  // C2
  const steps = [cleanMail, ...RUN_RECORDS.map((kind) => () => cleanRecords(kind)), cleanRates, cleanBlobs]
  for (const step of steps) if (!signal.aborted) await step()
  return { runs: [...gone].sort(), ...removed }
}

function overFor(olderMs: number, runs: KnownRuns, now: number): ReadonlySet<RunId> {
  const over = [...runs.values()].filter((one) => {
    const since = overSince(one, now)
    return since !== undefined && now - since >= olderMs
  })
  return new Set(over.map(({ run }) => run))
}

function theOne(run: RunId, runs: KnownRuns, now: number): ReadonlySet<RunId> {
  const found = runs.get(run)
  if (found === undefined || overSince(found, now) !== undefined) return new Set([run])
  const until = found.live
    ? 'it ends'
    : `its deadline${found.record ? `, ${new Date(found.record.deadline).toISOString()}` : ''}`
  throw new FlockError('under-way', `run "${run}" is not over: nothing of it is removed until ${until}`) // C1
}
