/**
 * One record of a rate, changed by compare-and-set. What several want of it in this process is written together, and
 * one write is under way at a time: fifty processes then are fifty writers, however many peers each hosts.
 *
 * Every change must be one that does nothing the second time: after a write without an answer it is decided anew, from
 * the record as it is then.
 *
 * A record that nobody used for long may be removed (`src/flock/clean.ts`), and is made anew by whoever comes next. Who
 * lives still has what he brought into the old one, and brings it into the new one.
 */
import { parseAs } from '../../protocols/parse.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import type { RecordEntry, RecordKey, Records } from '../bus/records.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { contention } from '../turn/contention.ts'
import { newRateRecord, type RateRecord, rateRecordSchema } from './rate-record.ts'

/** What one wants: the next record, the same object where it stays as it is, and what is to be known of it. */
export type Change<Result> = (record: RateRecord) => { readonly record: RateRecord; readonly result: Result }

export interface KeptRecord {
  /** @throws UnavailableError, AmbiguousError */
  change<Result>(by: Change<Result>): Promise<Result>
}

/** Times that a change is decided anew since others wrote. */
const TRIES = 40
/** First and longest pause of who found that others wrote; chance takes a part of it. */
const PAUSE_MS = { first: 10, longest: 200 }
/** Own writes after which what is older than them is removed. */
const WRITES_KEPT = 64

export type KeptRecordOptions = {
  readonly key: RecordKey
  readonly about: RateRecord['about']
  /** What is known here and belongs into the record, whenever it is one that was not seen here before. */
  readonly bring: (record: RateRecord) => RateRecord
  readonly records: Records
  readonly clock: Clock
  readonly random: Random
}

type Wish = { readonly by: Change<unknown>; done(result: unknown): void; fail(error: unknown): void }

export function keptRecord({ key, about, bring, records, clock, random }: KeptRecordOptions): KeptRecord {
  let wishes: Wish[] = []
  let isAtWork = false
  let writes = 0
  let mark: number | undefined
  /** The record that what is known here was brought into. */
  let brought: Pick<RateRecord, 'made'> | undefined
  let last: { readonly revision: number; readonly record: RateRecord } | undefined

  async function work(): Promise<void> {
    isAtWork = true
    while (wishes.length > 0) {
      const batch = wishes
      wishes = []
      try {
        const results = await together(batch)
        for (const [index, wish] of batch.entries()) wish.done(results[index])
      } catch (error) {
        for (const wish of batch) wish.fail(error)
      }
    }
    isAtWork = false
  }

  async function together(batch: readonly Wish[]): Promise<readonly unknown[]> {
    let unanswered: unknown
    const what = `the rate "${key}"`
    const others = contention({ what, clock, random, tries: TRIES, pauseMs: PAUSE_MS })
    for (;;) {
      const entry = await records.read(key)
      const found = entry === undefined ? newRateRecord(about, random.hex(4)) : read(entry)
      const isKnown = brought !== undefined && brought.made === found.made
      let record = isKnown ? found : bring(found)
      const results = batch.map(({ by }) => {
        const changed = by(record)
        record = changed.record
        return changed.result
      })
      if (record === found) {
        brought = found
        return results
      }
      try {
        wrote(await records.append(key, Buffer.from(JSON.stringify(record)), entry?.revision ?? 0))
        brought = record
        return results
      } catch (error) {
        if (!(error instanceof ConflictError || error instanceof AmbiguousError)) throw error
        if (error instanceof AmbiguousError) unanswered = error
      }
      await others.lost().catch((error) => {
        throw unanswered ?? error
      })
    }
  }

  /** Who waits mostly reads what he has read before. */
  function read({ revision, value }: RecordEntry): RateRecord {
    if (last?.revision !== revision) last = { revision, record: decode(key, value) }
    return last.record
  }

  function wrote(revision: number): void {
    if (++writes % WRITES_KEPT !== 0) return
    // Where it fails, the next one removes that as well.
    if (mark !== undefined) void records.purge(key, mark).catch(() => {})
    mark = revision
  }

  return {
    change: (by) =>
      new Promise((resolve, reject) => {
        wishes.push({ by, done: (result) => resolve(result as never), fail: reject })
        if (!isAtWork) void work()
      }),
  }
}

/** @throws InvalidError `invalid.rate` */
const decode = (key: RecordKey, bytes: Uint8Array): RateRecord =>
  parseAs(rateRecordSchema, JSON.parse(Buffer.from(bytes).toString()), 'rate', `the rate "${key}"`)
