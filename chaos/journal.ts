/** The journal of a run, read off the bus once nothing of the run is under way. */
import type { RunId } from '../protocols/ids.ts'
import type { Bus } from '../src/bus/bus.ts'
import { UnavailableError } from '../src/bus/errors.ts'
import { type Clock, sleep } from '../src/time/clock.ts'
import { type ConversationRecord, decodeRecord, needsHost, runPrefix } from '../src/turn/record.ts'

/** A commit, and when the server stored it, in milliseconds since 1970. */
export type Commit = { readonly record: ConversationRecord; readonly storedAt: number }

/** Oldest first. */
export type Journal = readonly Commit[]

const LOOK_MS = 250

/** Waits until no conversation needs anybody, or until the signal is aborted, and reads. */
export async function settledJournal(
  { records }: Bus,
  clock: Clock,
  run: RunId,
  signal: AbortSignal,
): Promise<Journal> {
  const prefix = runPrefix(run)
  const isUnderWay = async () => {
    try {
      return (await records.latest(prefix)).some(({ value }) => needsHost(decodeRecord(value)))
    } catch (error) {
      if (error instanceof UnavailableError) return true
      throw error
    }
  }
  while (!signal.aborted && (await isUnderWay())) await sleep(clock, LOOK_MS, signal)
  const entries = await records.history(prefix)
  return entries.map(({ value, storedAt }) => ({ record: decodeRecord(value), storedAt }))
}

/** Calls of a model, as the journal has them, by the span that each call is made under. */
export type Call = {
  readonly conversation: string
  /** How often it was started, at most. */
  readonly attempts: number
  /** When its outcome was stored; absent where it has none. */
  readonly recordedAt?: number
}

export function callsIn(journal: Journal): ReadonlyMap<string, Call> {
  const calls = new Map<string, Call>()
  const spans = new Map<string, string>()
  for (const { record, storedAt } of journal) {
    const { conversation, took } = record
    const spanId = spans.get(`${conversation} ${took.id}`)
    if (spanId !== undefined) calls.set(spanId, { ...calls.get(spanId)!, recordedAt: storedAt })
    for (const { src, name, spanId, attempt } of record.effects) {
      if (src !== 'chat') continue
      spans.set(`${conversation} ${name}`, spanId)
      calls.set(spanId, { conversation, attempts: attempt })
    }
  }
  return calls
}

/** The longest time without a commit, in seconds, and when it began, in milliseconds since 1970. */
export function silenceIn(journal: Journal): { readonly seconds: number; readonly since: number } {
  const pauses = journal.slice(1).map(({ storedAt }, index) => {
    const since = journal[index]!.storedAt
    return { seconds: (storedAt - since) / 1_000, since }
  })
  return pauses.reduce((a, b) => (b.seconds > a.seconds ? b : a), { seconds: 0, since: 0 })
}
