import { metrics as globalMetrics } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { METRIC } from '../../traces/metrics.ts'
import { GEN_AI, RESOURCE, SKEIN } from '../../traces/names.ts'
import { type OtlpSinkOptions, otlpSink } from '../../traces/provider.ts'
import { type Collector, NOBODY, startCollector } from './collector.ts'
import { sampleRun } from './sample-run.ts'

/** Never says that time is up, so that a slow machine changes nothing. */
const patience: OtlpSinkOptions['timers'] = { setTimer: () => ({ cancel: () => {} }) }

let collector: Collector
let warnings: string[]
let options: OtlpSinkOptions

beforeEach(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  collector = await startCollector({ answers: true })
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  warnings = []
  options = {
    ...{ serviceName: 'skein', warn: (text) => warnings.push(text), timers: patience },
    also: { metrics: true, logs: true },
  }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await collector.close()
})

const pointsOf = (name: string) => collector.metrics.filter((metric) => metric.name === name)

describe('metrics', () => {
  it('arrive with their names, units, buckets and attributes, and with the service', async () => {
    const { meter, close } = await otlpSink(options)
    meter.add(METRIC.turns, 2, { [SKEIN.role]: 'coder' })
    meter.add(METRIC.turns, 1, { [SKEIN.role]: 'coder' })
    meter.add(METRIC.turns, 1, { [SKEIN.role]: 'reviewer' })
    meter.record(METRIC.tokens, 300, { [GEN_AI.tokenType]: 'input' })
    meter.record(METRIC.tokens, 20, { [GEN_AI.tokenType]: 'input' })
    meter.record(METRIC.call, 1.5)
    await close()
    expect(pointsOf('skein.turns')).toMatchObject([
      { kind: 'sum', unit: '{turn}', value: 3, attributes: { 'skein.role': 'coder' } },
      { kind: 'sum', unit: '{turn}', value: 1, attributes: { 'skein.role': 'reviewer' } },
    ])
    expect(pointsOf('gen_ai.client.token.usage')).toMatchObject([
      {
        ...{ kind: 'histogram', unit: '{token}', count: 2, value: 320, bounds: METRIC.tokens.buckets },
        attributes: { 'gen_ai.token.type': 'input' },
        resource: { [RESOURCE.serviceName]: 'skein' },
      },
    ])
    expect(pointsOf('gen_ai.client.operation.duration')).toMatchObject([
      { unit: 's', value: 1.5, bounds: METRIC.call.buckets },
    ])
    expect(warnings).toEqual([])
  })

  it('ask gauges when they are collected, and leave out what fails, is late or is asked no more', async () => {
    const pending = new Set<() => void>()
    const { meter, close } = await otlpSink({
      ...options,
      timers: {
        setTimer(_, fire) {
          pending.add(fire)
          return { cancel: () => void pending.delete(fire) }
        },
      },
    })
    const of = (role: string) => ({ [SKEIN.role]: role })
    meter.observe(METRIC.depth, async () => 7, of('coder'))
    meter.observe(METRIC.depth, () => 0, of('idle'))
    meter.observe(METRIC.depth, () => Promise.reject(new Error('the bus is away')), of('away'))
    meter.observe(METRIC.depth, () => new Promise(() => {}), of('hanging'))
    meter.observe(METRIC.depth, () => 9, of('gone'))()
    const closed = close()
    await expect.poll(() => pending.size).toBe(2)
    const [, hanging] = pending // the first is that of closing
    hanging!()
    await closed
    expect(pointsOf('skein.mailbox.depth')).toMatchObject([
      { kind: 'gauge', unit: '{message}', value: 7, attributes: of('coder') },
      { kind: 'gauge', unit: '{message}', value: 0, attributes: of('idle') },
    ])
  })

  it('are not kept by a program that meters by itself, nor left behind', async () => {
    const before = globalMetrics.getMeterProvider()
    const { meter, close } = await otlpSink(options)
    meter.add(METRIC.turns, 1)
    await close()
    expect(globalMetrics.getMeterProvider()).toBe(before)
    const second = await otlpSink(options)
    second.meter.add(METRIC.turns, 5)
    await second.close()
    expect(pointsOf('skein.turns').map(({ value }) => value)).toEqual([1, 5])
  })
})

describe('log records', () => {
  const context = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }

  it('arrive with their severity, time, attributes and the span that they belong to', async () => {
    const { logs, close } = await otlpSink(options)
    const line = { atMs: 1_700_000_000_123, attributes: { [SKEIN.role]: 'coder', n: 2 } }
    logs.emit({ ...line, severity: 'info', text: 'one', context })
    logs.emit({ ...line, severity: 'warn', text: 'two' })
    logs.emit({ ...line, severity: 'error', text: 'three' })
    await close()
    expect(collector.logs).toMatchObject([
      {
        ...{ text: 'one', severity: [9, 'INFO'], ...context, atNanos: '1700000000123000000' },
        attributes: { [SKEIN.role]: 'coder', n: 2 },
        resource: { [RESOURCE.serviceName]: 'skein' },
      },
      { text: 'two', severity: [13, 'WARN'] },
      { text: 'three', severity: [17, 'ERROR'] },
    ])
    expect(collector.logs[1]).not.toHaveProperty('traceId')
    expect(warnings).toEqual([])
  })

  it('arrive from a second sink as from the first', async () => {
    for (const text of ['first', 'second']) {
      const { logs, close } = await otlpSink(options)
      logs.emit({ atMs: 0, severity: 'info', text, attributes: {} })
      await close()
    }
    expect(collector.logs.map(({ text }) => text)).toEqual(['first', 'second'])
  })
})

it.each([
  ['metrics', { OTEL_METRICS_EXPORTER: 'none' }, ['/v1/traces', '/v1/logs']],
  ['logs', { OTEL_LOGS_EXPORTER: 'none' }, ['/v1/traces', '/v1/metrics']],
  ['spans', { OTEL_TRACES_EXPORTER: 'none' }, ['/v1/metrics', '/v1/logs']],
])('%s stay here where the environment says so, and the others leave', async (_, env, paths) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const { emit, meter, logs, close } = await otlpSink(options)
  emit(sampleRun())
  meter.add(METRIC.turns, 1)
  logs.emit({ atMs: 0, severity: 'info', text: 'hello', attributes: {} })
  await close()
  expect([...collector.requests].sort()).toEqual(paths.map((path) => `POST ${path}`).sort())
  expect(warnings).toEqual([])
})

it('only spans leave where nothing else was asked for', async () => {
  const { emit, meter, logs, close } = await otlpSink({ ...options, also: {} })
  emit(sampleRun())
  meter.add(METRIC.turns, 1)
  logs.emit({ atMs: 0, severity: 'info', text: 'hello', attributes: {} })
  await close()
  expect(collector.requests).toEqual(['POST /v1/traces'])
})

it('one warning tells that nothing arrives', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', NOBODY)
  const { emit, meter, logs, close } = await otlpSink(options)
  emit(sampleRun())
  meter.add(METRIC.turns, 1)
  logs.emit({ atMs: 0, severity: 'info', text: 'hello', attributes: {} })
  await close()
  expect(warnings).toEqual([expect.stringMatching(/do not reach .*ECONNREFUSED.*OTEL_METRICS_EXPORTER/)])
})
