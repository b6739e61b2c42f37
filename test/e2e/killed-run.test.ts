/** Runs of which a process was killed, as a collector sees them that was told by whoever lived. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flawsOf } from '../../traces/read/flaws.ts'
import { storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import type { Span } from '../../traces/span.ts'
import { type Collector, startCollector } from '../traces/collector.ts'
import { killedRun } from './killed-run.ts'
import { openProject, type Project, spansOf } from './project.ts'
import { gone } from './project-processes.ts'

const RUN_MS = 180_000
const PAGE = 'http://jaeger.example:16686'

let project: Project
beforeAll(async () => {
  project = await openProject()
})
afterAll(() => project.close())

let collector: Collector
beforeEach(async () => {
  collector = await startCollector({ answers: true })
})
afterEach(() => collector.close())

const env = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
})

/** Roles of the conversations that another process went on with. */
const adopted = (spans: readonly Span[]) =>
  storyOf(traceTree(spans)).takeovers.map(({ conversation }) => conversation.role)

const names = (spans: readonly Span[]) => spans.map(({ name }) => name)

const without = (spans: readonly Span[], others: readonly Span[]) => {
  const ids = new Set(others.map(({ spanId }) => spanId))
  return spans.filter(({ spanId }) => !ids.has(spanId))
}

describe('a run is one whole trace at the collector, with whoever took over', () => {
  it(
    'where a peer was killed, and it names its page in Jaeger',
    async () => {
      const { report, link, peers } = await killedRun(project, { dies: 'coder', jaeger: PAGE, env: env() })
      await gone(peers)
      const { spans } = collector
      expect(report.outcome).toBe('completed')
      expect(flawsOf(spans)).toEqual([])
      expect(adopted(spans)).toContain('coder')
      expect(names(without(await spansOf(report), spans))).toEqual([])
      expect(link).toBe(`${PAGE}/trace/${spans[0]!.traceId}`)
    },
    RUN_MS,
  )

  it(
    'where the process was killed that it was started in',
    async () => {
      const { report, peers } = await killedRun(project, { dies: 'starter', jaeger: PAGE, env: env() })
      await gone(peers)
      const { spans } = collector
      expect(report.outcome).toBe('completed')
      expect(flawsOf(spans)).toEqual([])
      expect(adopted(spans)).toContain('origin')
      expect(names(without(await spansOf(report), spans))).toEqual([])
    },
    RUN_MS,
  )
})
