import { describe, expect, it } from 'vitest'
import { type Accounts, nextStep } from '../../src/run/accounts.ts'
import type { OriginOutput } from '../../src/run/origin.ts'
import type { RunRecord } from '../../src/run/run-record.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'

const DEADLINE = 60_000
const GRACE_MS = 5_000
/** The origin waits for its answer until the deadline as well, and its failure says more. */
const SLACK_MS = 1_000

/** What the accounts look at, of a run that goes on unless the test says otherwise. */
const run = (more: Partial<RunRecord> = {}) =>
  ({
    state: 'open',
    outcome: null,
    reason: null,
    deadline: DEADLINE,
    endingAt: null,
    ...more,
  }) as RunRecord

/** An origin that waits, with half of the stake. */
const origin = (more: Partial<ConversationRecord> = {}) =>
  ({
    phase: 'open',
    output: null,
    problem: null,
    outbox: [],
    stake: '1p1',
    took: { event: 'parcel.note', from: 'waiting', to: 'waiting' },
    ...more,
  }) as ConversationRecord

/** An origin that ended with this. */
const ended = (output: OriginOutput, stake = '1p0') =>
  origin({ phase: 'closed', output, stake, took: { event: 'x', from: 'waiting', to: 'done' } })

/** An origin that the end of its run closed. */
const stopped = (stake: string, more: Partial<ConversationRecord> = {}) =>
  origin({
    phase: 'closed',
    problem: 'its run ended',
    stake,
    took: { event: 'ended', from: 'waiting', to: 'failed' },
    ...more,
  })

const step = (more: Partial<Accounts>) =>
  nextStep({
    ...{ record: run(), origin: origin(), now: 1_000, endingForMs: 0, graceMs: GRACE_MS, forced: 0 },
    ...more,
  })

const ANSWER: OriginOutput = { kind: 'answer', type: 'parcel.done', body: { what: 'it' } }
const FAILURE: OriginOutput = { kind: 'failure', failure: 'error', reason: 'it broke' }
const COMPLETED = { outcome: 'completed', reason: null }

/** Something to send. */
const outbox = [{}] as unknown as ConversationRecord['outbox']

describe('the accounts of a run that is open', () => {
  it('wait until a little after its deadline while its stake is under way', () => {
    expect(step({})).toEqual({ kind: 'wait', ms: DEADLINE + SLACK_MS - 1_000 })
    expect(step({ now: DEADLINE })).toEqual({ kind: 'wait', ms: SLACK_MS })
    expect(step({ now: DEADLINE + SLACK_MS - 1 })).toEqual({ kind: 'wait', ms: 1 })
  })

  it('leave it to the origin to say what it waited for at the deadline', () => {
    const late: OriginOutput = { kind: 'failure', failure: 'no-peer', reason: 'nobody answered' }
    expect(step({ origin: ended(late, '3p2'), now: DEADLINE })).toEqual({
      kind: 'end',
      conclusion: { outcome: 'exhausted', reason: 'nobody answered' },
      isQuiet: false,
    })
  })

  it('wait while its origin has taken nothing yet', () => {
    expect(step({ origin: undefined })).toEqual({ kind: 'wait', ms: DEADLINE + SLACK_MS - 1_000 })
  })

  it('wait while its origin has something to send, whatever it holds', () => {
    expect(step({ origin: origin({ stake: '1p0', outbox }) })).toMatchObject({ kind: 'wait' })
    expect(step({ origin: { ...ended(ANSWER), outbox } })).toMatchObject({ kind: 'wait' })
  })

  it('have it announced when the answer is there and all stake is home', () => {
    expect(step({ origin: ended(ANSWER) })).toEqual({
      kind: 'announce',
      end: { ...COMPLETED, writtenOff: null },
    })
  })

  it('have it announced when it failed and all stake is home', () => {
    expect(step({ origin: ended(FAILURE) })).toEqual({
      kind: 'announce',
      end: { outcome: 'failed', reason: 'it broke', writtenOff: null },
    })
  })

  it('have it announced after its deadline, too, where all is home by then', () => {
    expect(step({ origin: ended(ANSWER), now: DEADLINE + 1 })).toEqual({
      kind: 'announce',
      end: { ...COMPLETED, writtenOff: null },
    })
  })

  it('wait for the stake that others still work with when the answer is there', () => {
    expect(step({ origin: ended(ANSWER, '3p2') })).toMatchObject({ kind: 'wait' })
  })

  it('have it end with its answer at its deadline, if others work on by then', () => {
    expect(step({ origin: ended(ANSWER, '3p2'), now: DEADLINE })).toEqual({
      kind: 'end',
      conclusion: COMPLETED,
      isQuiet: false,
    })
  })

  it('have it end at once where it failed, though others still work', () => {
    expect(step({ origin: ended(FAILURE, '3p2') })).toEqual({
      kind: 'end',
      conclusion: { outcome: 'failed', reason: 'it broke' },
      isQuiet: false,
    })
  })

  it('have it end at once where its origin broke', () => {
    const broken = origin({ phase: 'closed', problem: 'too large' })
    expect(step({ origin: broken })).toEqual({
      kind: 'end',
      conclusion: { outcome: 'failed', reason: 'too large' },
      isQuiet: false,
    })
  })

  it('have it end unsatisfied when all stake is home and no answer is there', () => {
    expect(step({ origin: origin({ stake: '1p0' }) })).toEqual({
      kind: 'end',
      conclusion: { outcome: 'unsatisfied', reason: null },
      isQuiet: true,
    })
  })

  it('find it quiet, and not late, when it is both', () => {
    expect(step({ origin: origin({ stake: '1p0' }), now: DEADLINE })).toMatchObject({
      conclusion: { outcome: 'unsatisfied' },
      isQuiet: true,
    })
  })

  it.each([
    ['waits', origin()],
    ['has something to send', origin({ stake: '1p0', outbox })],
    ['has taken nothing yet', undefined],
  ])('have it end exhausted after its deadline, where its origin %s', (_, waiting) => {
    expect(step({ origin: waiting, now: DEADLINE + SLACK_MS - 1 })).toMatchObject({ kind: 'wait' })
    expect(step({ origin: waiting, now: DEADLINE + SLACK_MS })).toEqual({
      kind: 'end',
      conclusion: { outcome: 'exhausted', reason: expect.stringMatching(/deadline/) },
      isQuiet: false,
    })
  })
})

describe('the accounts of a run that ends', () => {
  const ENDING_AT = 10_000
  const CANCELLED = { outcome: 'cancelled', reason: 'somebody stopped it' } as const
  const ending = (more: Partial<RunRecord> = {}) =>
    run({ state: 'ending', ...CANCELLED, endingAt: ENDING_AT, ...more })
  const stepAfter = (ms: number, more: Partial<Accounts> = {}) =>
    step({ record: ending(), now: ENDING_AT + ms, endingForMs: ms, forced: 3, ...more })

  it('have it announced with what it ends with, when its origin is closed and all stake is home', () => {
    expect(stepAfter(0, { origin: stopped('1p0') })).toEqual({
      kind: 'announce',
      end: { ...CANCELLED, writtenOff: null },
    })
  })

  it('leave it at what it ends with, whatever its origin got meanwhile', () => {
    expect(stepAfter(0, { origin: ended(ANSWER) })).toMatchObject({ kind: 'announce', end: CANCELLED })
  })

  it('have it announced without loss when the last stake comes late', () => {
    expect(stepAfter(100 * GRACE_MS, { origin: stopped('1p0') })).toEqual({
      kind: 'announce',
      end: { ...CANCELLED, writtenOff: null },
    })
  })

  it.each([
    ['is still open', origin({ stake: '1p0' })],
    ['has something to send', stopped('1p0', { outbox })],
    ['lacks some of the stake', stopped('3p2')],
    ['has taken nothing yet', undefined],
  ])('have the rest collected where its origin %s, and by force after the grace', (_, waiting) => {
    expect(stepAfter(0, { origin: waiting })).toEqual({ kind: 'collect', force: false })
    expect(stepAfter(GRACE_MS - 1, { origin: waiting })).toEqual({ kind: 'collect', force: false })
    expect(stepAfter(GRACE_MS, { origin: waiting })).toEqual({ kind: 'collect', force: true })
    expect(stepAfter(2 * GRACE_MS - 1, { origin: waiting })).toEqual({ kind: 'collect', force: true })
  })

  it('write off what has not come home after that, and say that it failed, and why', () => {
    expect(stepAfter(2 * GRACE_MS, { origin: stopped('3p2') })).toEqual({
      kind: 'announce',
      end: {
        outcome: 'failed',
        reason: expect.stringMatching(/^somebody stopped it; 1p2 of its stake never came home/),
        writtenOff: '1p2',
      },
    })
  })

  it('write off everything where the origin never took anything', () => {
    expect(stepAfter(2 * GRACE_MS, { origin: undefined })).toMatchObject({
      kind: 'announce',
      end: { outcome: 'failed', writtenOff: '1p0' },
    })
  })

  it('give the loss as the only reason where there is no other', () => {
    const record = ending({ reason: null })
    expect(stepAfter(2 * GRACE_MS, { record, origin: stopped('1p1') })).toMatchObject({
      end: { reason: expect.stringMatching(/^1p1 of its stake never came home/) },
    })
  })

  it('count from when this host saw it end, whatever clock it was ended by', () => {
    const record = ending({ endingAt: -1_000 * GRACE_MS })
    const at = (endingForMs: number) => step({ record, origin: stopped('1p1'), endingForMs })
    expect(at(0)).toEqual({ kind: 'collect', force: false })
    expect(at(GRACE_MS)).toEqual({ kind: 'collect', force: true })
  })

  it('write off nothing before what is left was closed by force, and had time to come home', () => {
    for (const forced of [0, 1, 2])
      expect(stepAfter(9 * GRACE_MS, { origin: stopped('1p1'), forced })).toEqual({
        kind: 'collect',
        force: true,
      })
    expect(stepAfter(9 * GRACE_MS, { origin: stopped('1p1') })).toMatchObject({ kind: 'announce' })
  })

  it('say that it failed where nobody wrote down with what it ends', () => {
    const record = ending({ outcome: null, reason: null })
    expect(stepAfter(0, { record, origin: stopped('1p0') })).toEqual({
      kind: 'announce',
      end: { outcome: 'failed', reason: null, writtenOff: null },
    })
  })
})

describe('the accounts of a run that is over', () => {
  it.each([
    ['all stake is home', stopped('1p0')],
    ['some never came', stopped('1p3')],
    ['its origin never was', undefined],
  ])('are closed, where %s', (_, last) => {
    const record = run({ state: 'over', outcome: 'completed' })
    expect(step({ record, origin: last, now: 10 * DEADLINE })).toEqual({ kind: 'over' })
  })
})
