/** A run whose collector takes metrics and logs as well. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { run } from '../../src/flock/run.ts'
import { spanIdOf, traceIdOf } from '../../traces/propagation.ts'
import { startCollector } from '../traces/collector.ts'
import { ask, temporaryFolder } from './clerks.ts'

/** No server is named, and none can be had: all happens in this process. */
const ALONE = { SKEIN_NATS_SERVER: '/nowhere/nats-server', SKEIN_SANDBOX: 'none' }

/** What a collector hears of a run under these variables. */
async function heardOf(more: Record<string, string> = {}) {
  const collector = await startCollector({ answers: true })
  onTestFinished(() => collector.close())
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  for (const [name, value] of Object.entries(more)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const said: string[] = []
  const report = await run(ask('what time is it?'), {
    stateDir: await temporaryFolder(),
    env: { ...process.env, ...ALONE },
    say: (text) => said.push(text),
  })
  expect(report.outcome).toBe('completed')
  return { collector, report, said }
}

it('a run is heard of in metrics that name it nowhere, and in log records that name its trace', async () => {
  const { collector, report, said } = await heardOf()
  const values = new Map(collector.metrics.map((metric) => [metric.name, metric]))
  expect(values.get('skein.runs')).toMatchObject({ value: 1, attributes: { 'skein.outcome': 'completed' } })
  for (const name of ['skein.turns', 'skein.queue.duration', 'messaging.client.sent.messages'])
    expect(values.get(name)!.value, name).toBeGreaterThan(0)
  const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'skein.offline' }
  expect(values.get('gen_ai.client.operation.duration')).toMatchObject({ attributes: call })
  for (const { resource } of collector.metrics)
    expect(resource).toMatchObject({ 'service.name': 'skein', 'process.pid': process.pid })
  expect(JSON.stringify(collector.metrics)).not.toContain(report.run)

  const over = collector.logs.find(({ text }) => text === 'the run is over')
  const context = { traceId: traceIdOf(report.run), spanId: spanIdOf(report.run) }
  expect(over).toMatchObject({ ...context, severity: [9, 'INFO'], attributes: { 'skein.run': report.run } })
  expect(collector.spans.find(({ spanId }) => spanId === context.spanId)?.traceId).toBe(context.traceId)
  expect(said.filter((text) => text.includes('OpenTelemetry'))).toEqual([])
})

it('a run that is not sampled is counted all the same', async () => {
  const { collector, report } = await heardOf({ OTEL_TRACES_SAMPLER: 'always_off' })
  expect(report.trace).toBeNull()
  expect(collector.spans).toEqual([])
  expect(collector.metrics.some(({ name, value }) => name === 'skein.turns' && value > 0)).toBe(true)
})

it('a run whose collector is for traces only sends nothing else there', async () => {
  const { collector } = await heardOf({ OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' })
  expect([...new Set(collector.requests)]).toEqual(['POST /v1/traces'])
})
