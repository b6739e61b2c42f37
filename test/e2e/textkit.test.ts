/** The example, as `npm start` runs it, and beside it, on the same server and by the same peers, a hopeless run. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import { type EmbeddedNatsAddress, findEmbeddedNats } from '../../src/embedded/embedded.ts'
import { type RunReport, readReport } from '../../src/flock/run-report.ts'
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import { RESOURCE, SKEIN } from '../../traces/names.ts'
import type { Span } from '../../traces/span.ts'
import { applyPatch, openProject, type Project, reportOf, spansOf, testsIn, textOf } from './project.ts'
import { type Ended, lives } from './skein-process.ts'

const GOAL = 'Make the failing tests pass'
/** For two runs on a machine that is busy with other tests. */
const RUNS_MS = 300_000

type Finished = Ended & { readonly report: RunReport; readonly spans: readonly Span[] }

let project: Project
let server: EmbeddedNatsAddress | undefined
let textkit: Finished
let hopeless: Finished

beforeAll(async () => {
  project = await openProject()
  const [example, numerals] = [await project.copyOf('textkit'), await project.copyOf('hopeless')]
  const first = project.skein(['run', GOAL, '--workspace', example])
  const [, id] = await first.says(/^(\S+) begins/)
  await first.says(/^peers: /)
  server = await findEmbeddedNats(project.stateDir)
  const second = project.skein(['run', GOAL, '--workspace', numerals, '--json', '--timeout', '4m'])
  const [endOfFirst, endOfSecond] = await Promise.all([first.ended, second.ended])
  textkit = await finished(endOfFirst, await readReport(project.stateDir, runId(id!)))
  hopeless = await finished(endOfSecond, reportOf(endOfSecond))
}, RUNS_MS)
afterAll(() => project.close())

const finished = async (end: Ended, report: RunReport): Promise<Finished> => ({
  ...end,
  report,
  spans: await spansOf(report),
})

describe('a run on the example', () => {
  it('is completed and ends with code 0', () => {
    expect(textkit).toMatchObject({ code: 0, report: { outcome: 'completed', bus: 'embedded' } })
    expect(textkit.stdout).toContain('completed')
  })

  it('gives a patch that makes the failing tests pass, outside of skein', async () => {
    const fresh = await project.copyOf('textkit', 'fresh')
    expect(await testsIn(fresh)).not.toBe(0)
    expect(await applyPatch(fresh, textkit.report.patch!)).toBe(0)
    expect(await testsIn(fresh)).toBe(0)
  })

  it('is the work of four roles and more, each peer in a process of its own', () => {
    const workers = workersOf(textkit.spans)
    expect(new Set([...workers.values()].map(({ role }) => role))).toEqual(
      new Set(['planner', 'researcher', 'coder', 'reviewer']),
    )
    expect(workers.size).toBeGreaterThanOrEqual(4)
    expect(new Set([...workers.values()].map(({ pid }) => pid)).size).toBe(workers.size)
  })

  it('has a review that was refused and a later one that was approved', async () => {
    const refused = timesOf(textkit.spans, 'review.revise')
    const approved = timesOf(textkit.spans, 'review.approve')
    expect(refused.length).toBeGreaterThan(0)
    expect(Math.min(...approved)).toBeGreaterThan(Math.min(...refused))
    expect(await textOf(textkit.report.report)).toMatch(/Round 1, tree `\w+`: refused/)
  })
})

describe('a hopeless run', () => {
  it('ends by itself, says that it is unsatisfied, and why, with code 3', async () => {
    expect(hopeless).toMatchObject({ code: 3, report: { outcome: 'unsatisfied' } })
    expect(hopeless.report.reason).toContain('toRoman')
    expect(await textOf(hopeless.report.report)).toContain('**unsatisfied**')
  })
})

describe('two runs at the same time', () => {
  it('share their peers', () => {
    expect(hopeless.report.logs).toBeNull()
    expect(hopeless.report.peers).toEqual(textkit.report.peers)
    const pids = [...workersOf(textkit.spans).values()].map(({ pid }) => pid)
    const others = [...workersOf(hopeless.spans).values()].map(({ pid }) => pid)
    expect(others).not.toEqual([])
    expect(pids).toEqual(expect.arrayContaining(others))
  })

  it('do not mix', async () => {
    for (const { report, spans } of [textkit, hopeless]) {
      expect(new Set(spans.map(({ attributes }) => attributes[SKEIN.run]))).toEqual(new Set([report.run]))
    }
    expect(await textOf(textkit.report.patch)).not.toContain('roman')
    // As far as it came: what it has is not good enough, and is its own.
    expect(await textOf(hopeless.report.patch)).not.toContain('slugify')
    expect(await textOf(hopeless.report.report)).not.toContain('slugify')
  })

  it('are one trace each, in which no span lacks its parent', () => {
    for (const { spans } of [textkit, hopeless]) {
      const ids = new Set(spans.map(({ spanId }) => spanId))
      expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
      expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1)
      expect(
        spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId)),
      ).toEqual([])
    }
  })

  it('leave no process behind, and no server', async () => {
    const pids = [server!.pid, ...textkit.report.peers.map(({ pid }) => pid)]
    // Peers that another run still used leave when they notice that it is over.
    await vi.waitFor(() => expect(pids.filter(lives)).toEqual([]), { timeout: 30_000, interval: 100 })
    expect(await findEmbeddedNats(project.stateDir)).toBeUndefined()
  }, 40_000)
})

/** Who made the spans: peers by name, but for the run's own origin. */
function workersOf(spans: readonly Span[]): Map<unknown, { role: unknown; pid: unknown }> {
  return new Map(
    spans
      .filter(
        ({ attributes }) => attributes[SKEIN.role] !== undefined && attributes[SKEIN.role] !== ORIGIN_ROLE,
      )
      .map(({ attributes, resource }) => [
        attributes[SKEIN.peer],
        { role: attributes[SKEIN.role], pid: resource[RESOURCE.processPid] },
      ]),
  )
}

const timesOf = (spans: readonly Span[], event: string): number[] =>
  spans.filter(({ attributes }) => attributes[SKEIN.event] === event).map(({ startMs }) => startMs)
