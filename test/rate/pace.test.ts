/** How fast calls go where no limit is known, simulated with the ledger alone: peers that call one after another. */
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../src/rate/bucket.ts'
import { ask, refuse, settle } from '../../src/rate/ledger.ts'
import { rateAt } from '../../src/rate/pace.ts'
import { newRateRecord, rateRecordSchema } from '../../src/rate/rate-record.ts'
import { seededRandom } from '../../src/time/random.ts'

const START = 1_700_000_000_000

type Endpoint = (at: number, accepted: readonly number[]) => boolean

/** Takes what comes but for one call. */
function strayAt(ms: number): Endpoint {
  let isOver = false
  return (at) => {
    const takes = isOver || at < START + ms
    isOver ||= !takes
    return takes
  }
}

/** So many in any minute. */
const limitedTo =
  (perMinute: number): Endpoint =>
  (at, accepted) =>
    (accepted.at(-perMinute) ?? Number.NEGATIVE_INFINITY) <= at - MINUTE_MS

/** What an endpoint took, and what it turned away, of peers in two runs whose calls take a second each. */
function simulate(takes: Endpoint, minutes: number, peers = 12) {
  const random = seededRandom(11)
  const accepted: { at: number; run: string }[] = []
  const refused: number[] = []
  let record = newRateRecord({ endpoint: 'api.test', model: 'goose-1' })
  const due = Array.from({ length: peers }, (_, index) => ({
    ...{ peer: index, at: START + index, id: `c${index}`, since: START + index },
    run: index < peers / 3 ? 'r1' : 'r2',
  }))
  const times: number[] = []
  for (let calls = peers; ; ) {
    const next = due.reduce((a, b) => (b.at < a.at ? b : a))
    if (next.at > START + minutes * MINUTE_MS) return { accepted, refused }
    const { at, run, id, since } = next
    const answer = ask(record, { id, holder: `p${next.peer}`, run, tokens: 0, since }, at)
    record = answer.record
    if (!answer.granted) {
      next.at = Math.max(at + 1, Math.min(Math.ceil(answer.readyAt), at + 1_000))
      continue
    }
    if (takes(at, times)) {
      times.push(at)
      accepted.push({ at, run })
      record = settle(record, id, 0, at)
      next.at = at + 1_000
    } else {
      refused.push(at)
      record = refuse(record, id, { grantedAt: at, retryAfterMs: undefined, jitter: random.next() }, at)
      next.at = at + 1
    }
    next.id = `c${calls++}`
    next.since = next.at
  }
}

const perMinute = (accepted: readonly { at: number }[], from: number, to: number) =>
  (accepted.filter(({ at }) => at >= START + from && at < START + to).length * MINUTE_MS) / (to - from)

describe('calls whose limit nobody knows', () => {
  it.each([
    ['soon after they began', 5_000],
    ['in the midst of them', 90_000],
  ])('are as fast as before two minutes after one was turned away by chance, %s', (_, strayMs) => {
    const { accepted, refused } = simulate(strayAt(strayMs), strayMs / MINUTE_MS + 2.5)
    expect(refused).toHaveLength(1)
    const before = perMinute(accepted, 0, strayMs)
    expect(perMinute(accepted, strayMs, strayMs + 20_000)).toBeLessThan(0.8 * before)
    expect(perMinute(accepted, strayMs + 2 * MINUTE_MS, strayMs + 2.5 * MINUTE_MS)).toBeGreaterThan(
      0.95 * before,
    )
  })

  it.each([30, 150])('find a limit of %i, use most of it, and are seldom turned away', (limit) => {
    const minutes = 8
    const { accepted, refused } = simulate(limitedTo(limit), minutes)
    expect(perMinute(accepted, 2 * MINUTE_MS, minutes * MINUTE_MS)).toBeGreaterThan(0.65 * limit)
    const later = refused.filter((at) => at >= START + 2 * MINUTE_MS)
    expect(later.length).toBeGreaterThan(0)
    expect(later.length).toBeLessThan(minutes)
  })

  it('are shared by the runs that wait, also while the pace changes', () => {
    const { accepted, refused } = simulate(limitedTo(60), 5)
    const shared = accepted.filter(({ at }) => at > refused[0]!)
    const one = shared.filter(({ run }) => run === 'r1').length
    // A third of the peers are of the one.
    expect(Math.abs(one / shared.length - 1 / 2)).toBeLessThan(0.03)
  })
})

describe('a guess', () => {
  const record = newRateRecord({ endpoint: 'api.test', model: 'goose-1' })
  const called = (calls: number) => ({ ...record, pulse: { count: calls, at: START } })
  const strike = (at: number) => ({ grantedAt: at, retryAfterMs: 1_000, jitter: 0.5 })

  it('is lowered once more while an endpoint that counts by the minute still turns calls away, and not forgotten', () => {
    let struck = refuse(called(300), 'a', strike(START), START)
    for (const at of [5_000, 15_000, 30_000]) struck = refuse(struck, 'a', strike(START + at), START + at)
    expect(rateAt(struck, START + 30_000).requests).toBeLessThan(200)
    expect(rateAt(struck, START + 31_000 + MINUTE_MS).requests).toBeGreaterThan(300)
  })

  it('stays near where calls were turned away for longer, where they are so again and again', () => {
    const [first, again] = [1, 2].map((times) => {
      let [struck, at] = [refuse(called(100), 'a', strike(START), START), START]
      for (let more = 1; more < times; more++) {
        at += MINUTE_MS
        struck = refuse({ ...struck, pulse: { count: 100, at } }, 'a', strike(at), at)
      }
      return rateAt(struck, at + 1_000 + MINUTE_MS).requests!
    })
    expect(first).toBeGreaterThan(190)
    expect(again).toBeLessThan(105)
  })

  it('is none any more when it has grown so far that it says nothing', () => {
    const struck = refuse(called(1), 'a', strike(START), START)
    expect(rateAt(struck, START).requests).toBe(20)
    expect(rateAt(struck, START + 4 * MINUTE_MS).requests).toBeNull()
  })

  it('of a record of before is read', () => {
    const old = rateRecordSchema.parse({ ...record, guess: { perMinute: 70, at: START } })
    expect(rateAt(old, START + MINUTE_MS).requests).toBeGreaterThan(100)
  })
})
