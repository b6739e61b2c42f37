/**
 * Who may call a model now, decided from one record by whoever asks: a pure ledger; `rate-limits` keeps it. Nobody
 * hands grants out: who is first takes his own when it is due, so that a call begins when it is let through.
 *
 * L1. Within any minute no more calls and no more tokens are let through than the limits, save for single calls that
 *     are larger than an eighth of the limit in tokens, and for what calls used above what was taken for them.
 * L2. Runs that wait are served in turn, each by what it takes of the limits: with k of them each gets a k-th, and one
 *     alone gets all. Time without a call earns nothing. (Start-time fair queueing, Goyal, Vin and Cheng 1996; what a
 *     call takes is its larger share of the two limits, as in dominant resource fairness, Ghodsi et al. 2011.)
 *     Within a run, who asked first is first.
 * L3. Nothing is let through before `pausedUntil`, which is never moved to an earlier time.
 * L4. Nobody waits for the dead: who does not come within `GRACE_MS` of his turn loses it, and all that wait in his
 *     process with him. Who lives asks again, and has the place of when he first asked.
 * L5. The ledger's time never goes back. Whoever reads a record that is ahead of his clock goes by the record from
 *     then on (as Lamport's physical clocks, 1978), so that all go by the fastest clock. One that is seconds ahead of
 *     the others lets through what its bucket holds, once.
 * L6. What a call used replaces what was taken for it. What nobody settles stays taken.
 */
import { givenBack, readyAt, taken } from './bucket.ts'
import { type Buckets, bucketsAt, pulseAt, type Strike, struck } from './pace.ts'
import type { RateLimits, RateRecord, Waiting } from './rate-record.ts'

/** Milliseconds: far above what a timer, a read and a write take, also with others in the way. */
export const GRACE_MS = 2_000
/** Longer than any call takes: what is not settled then, its process is gone. */
const OPEN_MS = 2_400_000
/** Where there is nothing to settle, a call is kept for as long as its write may be looked up. */
const UNSETTLED_MS = 10_000

export type RateAsk = Pick<Waiting, 'id' | 'holder' | 'run' | 'tokens' | 'since'>

export type Asked = {
  readonly record: RateRecord
  /** The ledger's time of the decision. */
  readonly at: number
} & ({ readonly granted: true } | { readonly granted: false; readonly readyAt: number })

/** Lets a call through, or has it wait. The record is the same object where nothing has changed. */
export function ask(record: RateRecord, wanted: RateAsk, now: number): Asked {
  const at = Math.max(record.time, now) // L5
  if (wanted.id in record.open) return { record, at, granted: true }
  const buckets = bucketsAt(record, at)
  const here = withWaiting(lapsed(record, wanted, buckets, at), wanted, at)
  const isFree = buckets.requests === undefined && buckets.tokens === undefined
  const first = firstOf(here)!
  const mine = isFree ? here.waiting.find(({ id }) => id === wanted.id)! : first
  if (mine.id === wanted.id && readyFor(here, mine, buckets) <= at)
    return { record: granted(here, mine, buckets, at), at, granted: true }
  return { record: here, at, granted: false, readyAt: turnOf(here, wanted.id, buckets, at) }
}

/** Somebody waits no longer. */
export function leave(record: RateRecord, id: string): RateRecord {
  if (!record.waiting.some((one) => one.id === id)) return record
  return withoutWaiting(record, (one) => one.id === id, record.time)
}

/** @param used tokens; undefined: nobody knows */
export function settle(record: RateRecord, id: string, used: number | undefined, now: number): RateRecord {
  const call = record.open[id]
  const { tokens } = bucketsAt(record, Math.max(record.time, now))
  if (call === undefined || tokens === undefined) return record
  const { [id]: _, ...open } = record.open
  if (used === undefined) return { ...record, open }
  const emptyUntil = givenBack(tokens, record.emptyUntil.tokens, call.tokens - used) // L6
  return { ...record, open, emptyUntil: { ...record.emptyUntil, tokens: emptyUntil } }
}

/** A call was let through, and turned away by the endpoint. */
export function refuse(record: RateRecord, id: string, strike: Strike, now: number): RateRecord {
  const at = Math.max(record.time, now)
  return { ...struck(settle(record, id, 0, at), strike, at), time: at }
}

/** A limit that is not given stays as it is. */
export function limit(
  record: RateRecord,
  by: 'configured' | 'told',
  limits: Partial<RateLimits>,
): RateRecord {
  const next = { ...record[by], ...limits }
  const { requests, tokens } = record[by]
  return next.requests === requests && next.tokens === tokens ? record : { ...record, [by]: next }
}

/** When this one could begin if it were first. */
function readyFor(record: RateRecord, { tokens }: Waiting, buckets: Buckets): number {
  const { emptyUntil, pausedUntil } = record
  return Math.max(
    pausedUntil, // L3
    buckets.requests ? readyAt(buckets.requests, emptyUntil.requests, 1) : 0,
    buckets.tokens ? readyAt(buckets.tokens, emptyUntil.tokens, tokens) : 0,
  )
}

/** Who is served next (L2). */
function firstOf({ waiting, servedUntil }: RateRecord): Waiting | undefined {
  const heads = new Map<string, Waiting>()
  for (const one of waiting) {
    const head = heads.get(one.run)
    if (head === undefined || isBefore(one, head)) heads.set(one.run, one)
  }
  const startOf = (one: Waiting) => Math.max(servedUntil[one.run] ?? 0, one.served)
  let first: Waiting | undefined
  for (const one of heads.values()) {
    const ahead = first === undefined ? -1 : startOf(one) - startOf(first)
    if (ahead < 0 || (ahead === 0 && isBefore(one, first!))) first = one
  }
  return first
}

const isBefore = (a: Waiting, b: Waiting) => a.since < b.since || (a.since === b.since && a.id < b.id)

function granted(record: RateRecord, one: Waiting, buckets: Buckets, at: number): RateRecord {
  const served = Math.max(record.servedUntil[one.run] ?? 0, one.served)
  const rest = withoutWaiting(record, ({ id }) => id === one.id, at)
  const keepMs = buckets.tokens === undefined ? UNSETTLED_MS : OPEN_MS
  const isKept = ({ at: since }: { at: number }) => since > at - keepMs
  return {
    ...rest,
    ...{ time: at, served },
    servedUntil: servedBeyond({
      ...{ ...rest, served },
      servedUntil: { ...rest.servedUntil, [one.run]: served + costOf(one, buckets) },
    }),
    emptyUntil: {
      requests: buckets.requests
        ? taken(buckets.requests, rest.emptyUntil.requests, 1, at)
        : rest.emptyUntil.requests,
      tokens: buckets.tokens
        ? taken(buckets.tokens, rest.emptyUntil.tokens, one.tokens, at)
        : rest.emptyUntil.tokens,
    },
    pulse: { count: pulseAt(record, at) + 1, at },
    open: {
      ...Object.fromEntries(Object.entries(rest.open).filter(([, call]) => isKept(call))),
      [one.id]: { at, tokens: one.tokens },
    },
  }
}

/** The larger of its shares of the limits, in milliseconds. */
const costOf = ({ tokens }: Waiting, buckets: Buckets): number =>
  Math.max(buckets.requests?.intervalMs ?? 0, tokens * (buckets.tokens?.intervalMs ?? 0))

/** Of a run that is not ahead, and does not wait, nothing needs to be known. */
function servedBeyond({ servedUntil, waiting, served }: RateRecord): Record<string, number> {
  const runs = new Set(waiting.map(({ run }) => run))
  return Object.fromEntries(
    Object.entries(servedUntil).filter(([run, until]) => until > served || runs.has(run)),
  )
}

/** When it will be let through, if all before it come when they are due and nobody else asks. */
function turnOf(record: RateRecord, id: string, buckets: Buckets, now: number): number {
  let at = now
  for (let rest: RateRecord = { ...record, open: {} }; ; ) {
    const first = firstOf(rest)!
    at = Math.max(at, readyFor(rest, first, buckets))
    if (first.id === id) return at
    rest = granted(rest, first, buckets, at)
  }
}

/** Without those before whose turn it was, and who did not come (L4). */
function lapsed(record: RateRecord, wanted: RateAsk, buckets: Buckets, at: number): RateRecord {
  for (let rest = record; ; ) {
    const first = firstOf(rest)
    if (first === undefined || first.id === wanted.id) return rest
    if (Math.max(readyFor(rest, first, buckets), rest.turnAt) + GRACE_MS >= at) return rest
    const isGone = (one: Waiting) =>
      one.id === first.id || (one.holder === first.holder && one.holder !== wanted.holder)
    rest = withoutWaiting(rest, isGone, at)
  }
}

function withWaiting(record: RateRecord, wanted: RateAsk, at: number): RateRecord {
  if (record.waiting.some(({ id }) => id === wanted.id)) return record
  const before = firstOf(record)
  const next = { ...record, time: at, waiting: [...record.waiting, { ...wanted, served: record.served }] }
  return firstOf(next)!.id === before?.id ? next : { ...next, turnAt: at }
}

function withoutWaiting(record: RateRecord, isGone: (one: Waiting) => boolean, at: number): RateRecord {
  const before = firstOf(record)
  const next = { ...record, waiting: record.waiting.filter((one) => !isGone(one)) }
  return firstOf(next)?.id === before?.id ? next : { ...next, turnAt: at }
}
