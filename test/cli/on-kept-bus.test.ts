import { expect, it, onTestFinished, vi } from 'vitest'
import { onKeptBus } from '../../cli/on-kept-bus.ts'
import type { Span } from '../../traces/span.ts'
import { temporaryFolder } from '../flock/clerks.ts'
import { startNatsServer } from '../nats-server.ts'
import { startCollector } from '../traces/collector.ts'
import { sampleRun } from '../traces/sample-run.ts'

it('a command that sees a run to its end hands over the spans that it has of it', async () => {
  const server = await startNatsServer()
  onTestFinished(() => server.stop())
  const collector = await startCollector({ answers: true })
  onTestFinished(() => collector.close())
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  onTestFinished(() => void vi.unstubAllEnvs())
  const settings = { config: {}, stateDir: await temporaryFolder(), nats: server.url, env: process.env }
  const code = await onKeptBus(
    settings,
    () => {},
    async ({ spans }) => {
      spans.emit(sampleRun())
      return 7
    },
  )
  expect(code).toBe(7)
  const ids = (spans: readonly Span[]) => new Set(spans.map(({ spanId }) => spanId))
  expect(ids(collector.spans)).toEqual(ids(sampleRun()))
})
