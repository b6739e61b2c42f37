import { describe, expect, it } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import type { Model } from '../../src/model/model.ts'
import type { Role } from '../../src/role/define.ts'
import { readRun } from '../../src/run/run-record.ts'
import { overSpan, owedSpans, spansOfRun } from '../../src/run/trace.ts'
import type { Span } from '../../traces/span.ts'
import { dispatcher, flock, offline, run, runner } from './flock.ts'

const both = [{ role: dispatcher }, { role: runner }]
const named = (spans: readonly Span[], name: string) => spans.filter((span) => span.name === name)
const orphansIn = (spans: readonly Span[]) => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  return spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))
}
const danglingIn = (spans: readonly Span[]) => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  return spans.filter(({ links = [] }) => links.some((link) => !ids.has(link.spanId)))
}

/** Begins, and never comes to an end. */
const endless: Model = {
  provider: 'none',
  name: 'endless',
  async *stream(_, { signal }) {
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
  },
}

/** So many calls that end, of the first process, before one does not. */
const CALLS = 3

const halting = (role: Role): Model => {
  const model = offline(role)
  let calls = 0
  return { ...model, stream: (...asked) => (calls++ < CALLS ? model : endless).stream(...asked) }
}

/** A run whose first process is killed in the middle, and what each process handed to its collector. */
async function bereaved() {
  const { host, start, settled, pass, submitter } = flock()
  const first = await host('first', both, { modelFor: halting })
  const running = start()
  await pass(1_000)
  first.die()
  await pass(15_000) // until the leases ran out
  const second = await host('second', both)
  const { journal, record } = await settled(running)
  return { journal, record, heard: [...submitter.spans, ...second.spans], killed: first.spans }
}

describe('what a collector hears of a run', () => {
  it('is all of it', async () => {
    const { host, start, settled, submitter } = flock()
    const one = await host('one', both)
    const { journal, record } = await settled(start())
    const ids = (spans: readonly Span[]) => [...new Set(spans.map(({ spanId }) => spanId))].sort()
    expect(ids([...submitter.spans, ...one.spans])).toEqual(ids(spansOfRun(journal, record)))
  })

  it('is one tree, though a process was killed with all its spans in hand', async () => {
    const { heard, killed } = await bereaved()
    expect(killed).not.toEqual([])
    expect(named(heard, 'invoke_workflow mesh').map(({ parentSpanId }) => parentSpanId)).toContain(undefined)
    expect(orphansIn(heard)).toEqual([])
  })

  it('has nothing that the journal lacks, and every link leads somewhere', async () => {
    const { heard, journal, record } = await bereaved()
    const all = spansOfRun(journal, record)
    const ids = new Set(all.map(({ spanId }) => spanId))
    expect(heard.filter(({ spanId }) => !ids.has(spanId))).toEqual([])
    expect(danglingIn(all)).toEqual([])
  })

  it('says who took over from whom, and which effects were started again', async () => {
    const { journal, record } = await bereaved()
    const all = spansOfRun(journal, record)
    const takeovers = all.filter(({ name }) => name.startsWith('takeover '))
    expect(takeovers.map(({ attributes }) => attributes['skein.process.before'])).toContain('first/1')
    const ids = takeovers.map(({ spanId }) => spanId)
    const resumed = all.flatMap(({ links = [] }) =>
      links.filter(({ attributes }) => attributes?.['skein.link'] === 'resumption'),
    )
    expect(resumed).not.toEqual([])
    for (const { spanId } of resumed) expect(ids).toContain(spanId)
  })
})

describe('the end of a run', () => {
  it('is a span below the root, linked to it, with its outcome', async () => {
    const { host, start, settled } = flock()
    await host('one', both)
    const { journal, record } = await settled(start())
    const [over, ...more] = named(spansOfRun(journal, record), 'run completed')
    expect(more).toEqual([])
    expect(over).toMatchObject({
      parentSpanId: record.root.spanId,
      attributes: { 'skein.outcome': 'completed' },
      links: [{ spanId: record.root.spanId }, { attributes: { 'skein.link': 'last' } }],
    })
    expect(over!.status).toBeUndefined()
  })

  it('is none while it is under way, and an error where it was not what was wanted', () => {
    const root: Span = {
      traceId: '0'.repeat(31).concat('1'),
      spanId: '0'.repeat(15).concat('1'),
      name: 'invoke_workflow mesh',
      kind: 'internal',
      startMs: 1,
      endMs: 1,
      attributes: {},
      resource: {},
    }
    const ended = { run: runId('r1'), root, sampled: true, writtenOff: null }
    expect(overSpan({ ...ended, outcome: null, reason: null, endedAt: null })).toBeUndefined()
    expect(overSpan({ ...ended, outcome: 'exhausted', reason: 'too late', endedAt: 9 })).toMatchObject({
      name: 'run exhausted',
      startMs: 9,
      endMs: 9,
      status: { code: 'error', message: 'too late' },
      attributes: { 'error.type': 'exhausted', 'skein.reason': 'too late' },
    })
  })
})

describe('spans that a process may have taken with it', () => {
  it('are all of its last seconds where it was taken over from, and else those that others hang from', async () => {
    const { journal } = await bereaved()
    const owed = new Set(owedSpans(journal).map(({ spanId }) => spanId))
    const madeBy = (host: string) =>
      journal.filter(({ by }) => by.host === host).flatMap((record) => record.spans)
    const leaves = (spans: readonly Span[]) => spans.filter(({ name }) => name.startsWith('chat '))
    const [first, second] = [leaves(madeBy('first')), leaves(madeBy('second'))]
    expect([first, second]).not.toContainEqual([])
    expect(first.filter(({ spanId }) => !owed.has(spanId))).toEqual([])
    expect(second.filter(({ spanId }) => owed.has(spanId))).toEqual([])
  })

  it('are conversations that closed just before, though nothing of that process was left to take over', async () => {
    const { host, start, settled } = flock()
    await host('one', [{ role: dispatcher }])
    await host('two', [{ role: runner }])
    const { journal, record } = await settled(start())
    // The process had handed over all but what it made in its last turns.
    const late = (span: Span) => span.name === 'invoke_agent runner'
    const heard = spansOfRun(journal, record).filter((span) => !late(span))
    expect(orphansIn(heard)).not.toEqual([])
    expect(orphansIn([...heard, ...owedSpans(journal)])).toEqual([])
  })

  it('are on their way before the end of the run is announced', async () => {
    const { host, start, settled, submitter, network } = flock()
    await host('one', both)
    const states: unknown[] = []
    const records = network.connect('witness').records
    const spans = {
      ...submitter.ports.spans,
      flush: async () => void states.push((await readRun(records, run))?.record.state),
    }
    await settled(start({ spans }))
    expect(states).toEqual([expect.not.stringMatching('over')])
  })
})
