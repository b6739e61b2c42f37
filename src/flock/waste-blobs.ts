/**
 * Blobs that nothing names any more, found while peers are at work.
 *
 * W1 A blob that was put within the last hour stays, with all that it names: who puts one, names it afterwards.
 * W2 What a run under way has ever committed counts, not only its last word: a message that was sent may be the only
 *    one that names a blob, and it stands in the journal until its run is over.
 * W3 The blobs are looked at once more before they are removed, since one may have been put again meanwhile.
 */
import type { BlobHash } from '../../protocols/ids.ts'
import type { StoredBlob } from '../bus/blobs.ts'
import type { Bus } from '../bus/bus.ts'
import type { RecordEntry } from '../bus/records.ts'
import type { Clock } from '../time/clock.ts'
import { runPrefix } from '../turn/record.ts'
import type { KnownRuns } from './known-runs.ts'
import { addNamedByBlobs, namedByRecord } from './named-blobs.ts'
import { RUN_RECORDS } from './run-records.ts'

export type WasteBlobsOptions = {
  readonly bus: Bus
  readonly clock: Clock
  readonly runs: KnownRuns
  /** Records that count as if they were gone. */
  readonly isWaste: (entry: RecordEntry) => boolean
  /** What messages name that are still to be read. */
  readonly inMail: ReadonlySet<BlobHash>
  readonly signal: AbortSignal
}

/** An hour (W1), and one more, by which a store may say that a blob is older than it is (`StoredBlob`). */
const YOUNG_MS = 2 * 3_600_000

/** None when the signal is aborted. @throws UnavailableError, AmbiguousError */
export async function wasteBlobs(options: WasteBlobsOptions): Promise<readonly StoredBlob[]> {
  const { bus, clock, inMail, signal } = options
  const isOld = ({ storedAt }: StoredBlob) => clock.now() - storedAt > YOUNG_MS
  const stored = await bus.blobs.list()
  if (!stored.some(isOld)) return []
  const young = stored.filter((blob) => !isOld(blob)).map(({ hash }) => hash)
  const named = new Set([...inMail, ...young, ...(await namedByRecords(options))])
  await addNamedByBlobs(named, bus.blobs, signal)
  if (signal.aborted) return []
  return (await bus.blobs.list()).filter((blob) => isOld(blob) && !named.has(blob.hash)) // W3
}

async function namedByRecords({ bus, runs, isWaste }: WasteBlobsOptions): Promise<readonly BlobHash[]> {
  const named: BlobHash[] = []
  for (const kind of RUN_RECORDS) {
    const entries = (await bus.records.latest(kind)).filter((entry) => !isWaste(entry))
    named.push(...entries.flatMap(namedByRecord))
  }
  for (const { run, record } of runs.values()) {
    if (record?.state === 'over') continue
    named.push(...(await bus.records.history(runPrefix(run))).flatMap(namedByRecord)) // W2
  }
  return named
}
