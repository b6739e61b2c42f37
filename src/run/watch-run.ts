/** Watching a run from wherever, until it is over. Whatever is reported of a run is read off its journal. */
import type { RunId } from '../../protocols/ids.ts'
import { nameOf } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { RecordWatch } from '../bus/records.ts'
import { type ConversationRecord, readableRecord, runPrefix } from '../turn/record.ts'
import { outputOf } from './conclusion.ts'
import type { OriginOutput } from './origin.ts'
import { ORIGIN_CONVERSATION } from './origin-address.ts'
import { decodeRun, type RunRecord, runKey } from './run-record.ts'

export type RunEnd = {
  readonly record: RunRecord
  /** Undefined when the run ended before its origin had an answer. */
  readonly output: OriginOutput | undefined
  /** Every commit, oldest first. */
  readonly journal: readonly ConversationRecord[]
}

export type WatchRunOptions = {
  readonly bus: Pick<Bus, 'records'>
  readonly run: RunId
  /** Sees every commit that is made while it is watched, and the last one of each conversation before that. */
  readonly onCommit?: ((record: ConversationRecord) => void) | undefined
  /** A watch of its journal, opened before anything of the run could be missed. It is closed here. */
  readonly commits?: RecordWatch
  /** Ends the watching, not the run. */
  readonly signal?: AbortSignal | undefined
}

/** Resolves when the run is over; undefined where the signal came first. @throws UnavailableError, AmbiguousError */
export async function watchRun(options: WatchRunOptions): Promise<RunEnd | undefined> {
  const { bus, run, onCommit, signal } = options
  const { records } = bus
  const states = await records.watch(runKey(run))
  const commits = options.commits ?? (onCommit && (await records.watch(runPrefix(run))))
  const close = () => {
    states.close()
    commits?.close()
  }
  signal?.addEventListener('abort', close, { once: true })
  if (signal?.aborted) close()
  const seeing = see(commits, onCommit)
  seeing.catch(() => {}) // it is heard of at the end
  try {
    for await (const { value } of states) {
      const record = decodeRun(value)
      if (record.state === 'over') return await endOf(bus, record)
    }
    return undefined
  } finally {
    signal?.removeEventListener('abort', close)
    close()
    await seeing
  }
}

async function see(
  commits: AsyncIterable<{ readonly value: Uint8Array }> | undefined,
  onCommit: WatchRunOptions['onCommit'],
): Promise<void> {
  for await (const { value } of commits ?? []) {
    const record = readableRecord(value)
    if (record !== undefined) onCommit?.(record)
  }
}

/** What is left of a run on the bus. @throws UnavailableError */
export async function endOf({ records }: Pick<Bus, 'records'>, record: RunRecord): Promise<RunEnd> {
  const entries = await records.history(runPrefix(record.run))
  const journal = entries.flatMap(({ value }) => readableRecord(value) ?? [])
  const origin = journal.findLast(({ conversation }) => nameOf(conversation) === ORIGIN_CONVERSATION)
  return { record, output: outputAt(origin, journal), journal }
}

/** The last commits of an origin that is closed only count stake: what it ended with stands in the one that closed it. */
function outputAt(
  origin: ConversationRecord | undefined,
  journal: readonly ConversationRecord[],
): OriginOutput | undefined {
  if (origin?.phase !== 'closed') return undefined
  const closing = journal.find(
    ({ conversation, phase }) => conversation === origin.conversation && phase === 'closed',
  )
  return outputOf(closing)
}
