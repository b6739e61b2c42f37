import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../src/rate/bucket.ts'
import { ask, GRACE_MS, leave, limit, refuse, settle } from '../../src/rate/ledger.ts'
import { rateAt } from '../../src/rate/pace.ts'
import {
  newRateRecord,
  type RateLimits,
  type RateRecord,
  rateRecordSchema,
} from '../../src/rate/rate-record.ts'

const START = 1_700_000_000_000
const about = { endpoint: 'api.test', model: 'goose-1' }
const limited = (limits: Partial<RateLimits>) => limit(newRateRecord(about), 'configured', limits)

type Call = { id: string; holder?: string; run?: string; tokens?: number; since?: number }
const asking = ({ id, holder = id, run = 'r1', tokens = 0, since = 0 }: Call) => ({
  ...{ id, holder, run, tokens, since },
})

/** A record that several ask, and what came of it. */
function desk(first: RateRecord) {
  let record = first
  const calls: { id: string; run: string; tokens: number; at: number }[] = []
  return {
    calls,
    record: () => record,
    ask(call: Call, now: number) {
      const wanted = asking(call)
      const isNew = !(call.id in record.open)
      const answer = ask(record, wanted, now)
      record = answer.record
      if (answer.granted && isNew) calls.push({ ...wanted, at: answer.at })
      return answer
    },
    change(by: (record: RateRecord) => RateRecord) {
      record = by(record)
    },
  }
}

/** The most of anything within a minute, its end not counted. */
function mostInMinute(calls: readonly { at: number; units: number }[]): number {
  const sums = calls.map(({ at }) =>
    calls.reduce((sum, call) => sum + (call.at >= at && call.at < at + MINUTE_MS ? call.units : 0), 0),
  )
  return Math.max(0, ...sums)
}

/** Lets those who wait ask when they are due, until all have called. */
function serve(counter: ReturnType<typeof desk>, waiting: readonly Call[], from: number): void {
  const due = new Map(waiting.map((call, index) => [{ ...call, since: from + index }, from]))
  for (let turns = 0; due.size > 0; turns++) {
    expect(turns).toBeLessThan(50_000)
    const [call, now] = [...due].reduce((a, b) => (b[1] < a[1] ? b : a))
    const answer = counter.ask(call, now)
    if (answer.granted) due.delete(call)
    else due.set(call, Math.max(now + 1, Math.ceil(answer.readyAt)))
  }
}

const anyCall = fc.record({
  waitMs: fc.integer({ min: 0, max: 9_000 }),
  skewMs: fc.integer({ min: -4_000, max: 4_000 }),
  caller: fc.integer({ min: 0, max: 7 }),
  tokens: fc.integer({ min: 1, max: 3_000 }),
  what: fc.constantFrom('ask', 'ask', 'ask', 'ask', 'settle', 'leave', 'refuse'),
  used: fc.integer({ min: 0, max: 3_000 }),
})

describe('a rate', () => {
  it('is kept within any minute, whoever asks, settles, leaves or is turned away when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 2_000, max: 60_000 }),
        fc.array(anyCall, { minLength: 20, maxLength: 400 }),
        (requests, tokens, steps) => {
          const counter = desk(limited({ requests, tokens }))
          const used = new Map<string, number>()
          let now = START
          steps.forEach((step, index) => {
            now += step.waitMs
            const clock = now + step.skewMs
            const open = Object.keys(counter.record().open)
            const one = open[step.caller % Math.max(1, open.length)]
            const before = counter.record()
            if (step.what === 'ask' || one === undefined) {
              const waits = before.waiting.find(({ holder }) => holder === `p${step.caller}`)
              const run = `r${step.caller % 3}`
              counter.ask(
                waits ?? { id: `c${index}`, holder: `p${step.caller}`, run, tokens: step.tokens },
                clock,
              )
            } else if (step.what === 'settle') {
              const less = Math.min(step.used, before.open[one]!.tokens)
              used.set(one, less)
              counter.change((record) => settle(record, one, less, clock))
            } else if (step.what === 'leave') {
              const gone = before.waiting[step.caller % Math.max(1, before.waiting.length)]
              if (gone) counter.change((record) => leave(record, gone.id))
            } else {
              used.set(one, 0)
              const strike = { grantedAt: before.open[one]!.at, retryAfterMs: step.used, jitter: 0.5 }
              counter.change((record) => refuse(record, one, strike, clock))
            }
            expect(counter.record().time).toBeGreaterThanOrEqual(before.time) // L5
            expect(counter.record().pausedUntil).toBeGreaterThanOrEqual(before.pausedUntil) // L3
          })
          const { calls } = counter
          expect(mostInMinute(calls.map(({ at }) => ({ at, units: 1 })))).toBeLessThanOrEqual(requests) // L1
          const spent = calls.map(({ id, at, tokens }) => ({ at, units: used.get(id) ?? tokens }))
          const above = Math.max(0, ...calls.map((call) => call.tokens - Math.floor(tokens / 8)))
          expect(mostInMinute(spent)).toBeLessThanOrEqual(tokens + above) // L1, L6
          expect(rateRecordSchema.parse(JSON.parse(JSON.stringify(counter.record())))).toEqual(
            counter.record(),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is used: a limit of 60 lets through nearly as many in a minute', () => {
    const counter = desk(limited({ requests: 60 }))
    serve(
      counter,
      Array.from({ length: 120 }, (_, index) => ({ id: `c${index}` })),
      START,
    )
    expect(counter.calls.filter(({ at }) => at < START + MINUTE_MS).length).toBeGreaterThan(54)
  })

  it('is none until somebody is turned away', () => {
    const counter = desk(newRateRecord(about))
    for (let index = 0; index < 200; index++)
      expect(counter.ask({ id: `c${index}` }, START)).toMatchObject({ granted: true })
  })

  it('waits for a full bucket for a call that is larger than it, and then for its debt', () => {
    const counter = desk(limited({ tokens: 8_000 }))
    expect(counter.ask({ id: 'large', tokens: 20_000 }, START)).toMatchObject({ granted: true })
    const next = counter.ask({ id: 'next', tokens: 10 }, START)
    expect(next.granted ? 0 : next.readyAt).toBeGreaterThan(START + 2 * MINUTE_MS)
  })

  it('counts a call once, however often it is asked for', () => {
    const counter = desk(limited({ requests: 1 }))
    counter.ask({ id: 'one' }, START)
    expect(counter.ask({ id: 'one' }, START + 5)).toMatchObject({ granted: true, at: START + 5 })
    expect(counter.ask({ id: 'two' }, START + 5)).toMatchObject({ granted: false })
    expect(counter.calls).toHaveLength(1)
  })
})

describe('what was taken for a call', () => {
  const large = { id: 'a', tokens: 1_000 }
  const readyFor = (counter: ReturnType<typeof desk>) => {
    const answer = counter.ask({ id: 'b', tokens: 1_000 }, START)
    return answer.granted ? START : answer.readyAt
  }

  it('is replaced by what it used, less or more', () => {
    const [same, less, more] = [1_000, 10, 1_500].map((used) => {
      const counter = desk(limited({ tokens: 8_000 }))
      counter.ask(large, START)
      counter.change((record) => settle(record, 'a', used, START))
      return readyFor(counter)
    })
    expect(less).toBeLessThan(same!)
    expect(more).toBeGreaterThan(same!)
  })

  it('stays taken where nobody knows or comes back, and is given back once', () => {
    const counter = desk(limited({ tokens: 8_000 }))
    counter.ask(large, START)
    const before = counter.record().emptyUntil.tokens
    counter.change((record) => settle(record, 'a', undefined, START))
    counter.change((record) => settle(record, 'a', 0, START))
    expect(counter.record()).toMatchObject({ open: {}, emptyUntil: { tokens: before } })
  })
})

describe('runs that wait', () => {
  const many = (run: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `${run}-${index}`, run }))

  it('are served in turn, however many of their calls wait', () => {
    const counter = desk(limited({ requests: 60 }))
    serve(counter, [...many('large', 60), ...many('small', 10), ...many('other', 10)], START)
    const until = Math.max(...counter.calls.filter(({ run }) => run === 'small').map(({ at }) => at))
    const meanwhile = counter.calls.filter(({ at }) => at <= until)
    for (const run of ['large', 'other']) {
      // What a bucket holds goes to who asks first.
      expect(Math.abs(meanwhile.filter((call) => call.run === run).length - 10)).toBeLessThanOrEqual(4)
    }
  })

  it('are served by what they take: one of large calls gets fewer of them', () => {
    const counter = desk(limited({ tokens: 60_000 }))
    const large = many('large', 20).map((call) => ({ ...call, tokens: 4_000 }))
    const small = many('small', 200).map((call) => ({ ...call, tokens: 400 }))
    serve(counter, [...large, ...small], START)
    const half = counter.calls.filter(({ at }) => at < START + MINUTE_MS)
    const tokensOf = (run: string) =>
      half.reduce((sum, call) => sum + (call.run === run ? call.tokens : 0), 0)
    expect(tokensOf('large') / tokensOf('small')).toBeGreaterThan(0.7)
    expect(tokensOf('large') / tokensOf('small')).toBeLessThan(1.4)
  })

  it('have earned nothing by the time that they did not call', () => {
    const counter = desk(limited({ requests: 60 }))
    serve(counter, many('busy', 100), START)
    const later = counter.calls.at(-1)!.at
    const more = many('busy', 130).slice(100)
    serve(counter, [...more, ...many('rested', 30)], later)
    const next = counter.calls.slice(100, 120)
    expect(next.filter(({ run }) => run === 'busy').length).toBe(10)
  })

  it('let a large call have its turn though small ones fit', () => {
    const counter = desk(limited({ tokens: 8_000 }))
    counter.ask({ id: 'first', tokens: 900 }, START)
    counter.ask({ id: 'large', tokens: 1_000, since: START }, START)
    const small = counter.ask({ id: 'small', tokens: 10, since: START + 1 }, START + 1)
    expect(small).toMatchObject({ granted: false })
  })
})

describe('who waits and is gone', () => {
  it('keeps others for no longer than a moment, with all that wait in its process', () => {
    const counter = desk(limited({ requests: 6 }))
    counter.ask({ id: 'now' }, START)
    for (const id of ['d1', 'd2', 'd3']) counter.ask({ id, holder: 'dead', since: START }, START)
    const first = counter.ask({ id: 'alive', since: START + 1 }, START + 1)
    expect(first.granted).toBe(false)
    const due = START + MINUTE_MS / 6
    expect(counter.ask({ id: 'alive' }, due + GRACE_MS)).toMatchObject({ granted: false })
    expect(counter.ask({ id: 'alive' }, due + GRACE_MS + 10)).toMatchObject({ granted: true })
    expect(counter.record().waiting).toEqual([])
  })

  it('has its place again where it lives and asks again', () => {
    const counter = desk(limited({ requests: 6 }))
    counter.ask({ id: 'now' }, START)
    counter.ask({ id: 'slow', since: START }, START)
    counter.ask({ id: 'next', since: START + 1 }, START + 1)
    const late = START + MINUTE_MS / 6 + GRACE_MS + 10
    counter.ask({ id: 'next', since: START + 1 }, late)
    counter.ask({ id: 'third', since: START + 2 }, late)
    counter.ask({ id: 'slow', since: START }, late + 5)
    expect(counter.ask({ id: 'third', since: START + 2 }, late + MINUTE_MS / 6)).toMatchObject({
      granted: false,
    })
    expect(counter.ask({ id: 'slow', since: START }, late + MINUTE_MS / 6)).toMatchObject({ granted: true })
  })
})

describe('a call that was turned away', () => {
  const told = (retryAfterMs?: number, grantedAt = START) => ({ grantedAt, retryAfterMs, jitter: 0.5 })

  it('stops all others until it may be made again, and then they do not come at once', () => {
    const counter = desk(limited({ requests: 600 }))
    counter.ask({ id: 'away' }, START)
    counter.change((record) => refuse(record, 'away', told(30_000), START))
    serve(
      counter,
      Array.from({ length: 40 }, (_, index) => ({ id: `c${index}` })),
      START + 1,
    )
    const [, ...after] = counter.calls.map(({ at }) => at)
    expect(Math.min(...after)).toBe(START + 30_000)
    expect(after.filter((at) => at < START + 30_500).length).toBeLessThan(6)
  })

  it('that says nothing of when is waited for, longer with each time in a row', () => {
    let record = limited({ requests: 600 })
    const pauses: number[] = []
    let now = START
    for (let times = 0; times < 9; times++) {
      record = refuse(record, 'any', told(undefined, now), now + 1)
      pauses.push(record.pausedUntil - now - 1)
      now = record.pausedUntil
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000))
    const forgiven = refuse(record, 'any', told(undefined, now + 200_000), now + 200_001)
    expect(forgiven.pausedUntil - now - 200_001).toBe(1_000)
  })

  it('is believed when it says to come back at once, but not for ever', () => {
    let record = limited({ requests: 600 })
    let now = START
    for (let times = 0; times < 6; times++, now += 10) record = refuse(record, 'any', told(0, now), now + 1)
    expect(record.pausedUntil - now).toBeGreaterThan(10_000)
  })

  it('slows the others down once, with those that were on their way together with it', () => {
    const before = limited({ requests: 100 })
    const once = refuse(before, 'a', told(1_000), START + 10)
    const twice = refuse(once, 'b', told(1_000), START + 20)
    expect(rateAt(once, START + 20).requests).toBeCloseTo(70)
    expect(rateAt(twice, START + 20).requests).toBeCloseTo(70)
    const again = refuse(twice, 'c', told(1_000, START + 2_000), START + 2_010)
    expect(rateAt(again, START + 2_010).requests).toBeLessThan(51)
  })

  it('is forgotten with time: the limit is used again, and not exceeded', () => {
    const record = refuse(limited({ requests: 100, tokens: 1_000 }), 'a', told(1_000), START)
    expect(rateAt(record, START + 61_000)).toEqual({ requests: 100, tokens: 1_000 })
    expect(rateAt(record, START + 900_000)).toEqual({ requests: 100, tokens: 1_000 })
  })

  it('gives a first idea of a limit that nobody told, from how many calls there were', () => {
    const counter = desk(newRateRecord(about))
    for (let index = 0; index < 200; index++) counter.ask({ id: `c${index}` }, START + index * 100)
    const at = START + 20_000
    counter.change((record) => refuse(record, 'c199', told(1_000, at), at))
    const guess = rateAt(counter.record(), at).requests!
    expect(guess).toBeGreaterThan(100)
    expect(guess).toBeLessThan(145)
    expect(rateAt(counter.record(), at + 2 * MINUTE_MS).requests).toBeGreaterThan(3 * guess)
  })
})

describe('clocks that differ', () => {
  it('are all taken for the fastest: a slow one stops nobody, and ends no pause early', () => {
    const counter = desk(limited({ requests: 60 }))
    counter.ask({ id: 'fast' }, START + 5_000)
    counter.change((record) =>
      refuse(record, 'fast', { grantedAt: START, retryAfterMs: 10_000, jitter: 0 }, START),
    )
    expect(counter.record().pausedUntil).toBe(START + 15_000)
  })
})
