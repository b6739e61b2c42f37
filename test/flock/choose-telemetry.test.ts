import { describe, expect, it } from 'vitest'
import { chooseTelemetry } from '../../src/flock/choose-telemetry.ts'
import { silentLog } from '../../src/log.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import { METRIC } from '../../traces/metrics.ts'
import { RESOURCE } from '../../traces/names.ts'
import type { otlpSink } from '../../traces/provider.ts'
import { pass, quiet } from '../bus/memory/virtual.ts'
import { sampleRun } from '../traces/sample-run.ts'

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

/** A process that chose, with an SDK that writes down what it is told. */
function chosen(env: Record<string, string>, fails?: Error) {
  const clock = virtualClock(0)
  const loads: Parameters<typeof otlpSink>[0][] = []
  const told: string[] = []
  const warnings: string[] = []
  const load: typeof otlpSink = async (options) => {
    loads.push(options)
    if (fails !== undefined) throw fails
    return {
      emit: (spans) => void told.push(`${spans.length} spans`),
      close: async () => void told.push('closed'),
      meter: {
        add: ({ name }, by) => void told.push(`${name} +${by}`),
        record: ({ name }, value) => void told.push(`${name} ${value}`),
        observe({ name }) {
          told.push(`asks ${name}`)
          return () => void told.push(`asks ${name} no more`)
        },
      },
      logs: { emit: ({ text }) => void told.push(text) },
    }
  }
  const warn = (text: string) => void warnings.push(text)
  return { clock, loads, told, warnings, ...chooseTelemetry({ env, clock, host: 'h', pid: 1, warn, load }) }
}

describe('a process of which nobody wants to hear', () => {
  it.each([
    ['no collector is named', {}],
    ['the SDK is disabled', { ...COLLECTOR, OTEL_SDK_DISABLED: 'true' }],
    [
      'nothing is to be exported',
      {
        ...COLLECTOR,
        ...{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' },
      },
    ],
  ])('counts nothing and loads nothing: %s', async (_, env) => {
    const { spans, meter, heard, loads, close } = chosen(env)
    expect([spans.isDeaf, meter, heard(silentLog)]).toEqual([true, undefined, silentLog])
    spans.emit(sampleRun())
    await close()
    expect(loads).toEqual([])
  })
})

it('each signal leaves where a collector is named for it', () => {
  const { spans, meter, heard } = chosen({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://jaeger:4318/v1/traces',
  })
  expect([spans.isDeaf, meter, heard(silentLog)]).toEqual([undefined, undefined, silentLog])
  const other = chosen({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://prometheus/v1/metrics' })
  expect([other.spans.isDeaf, other.heard(silentLog)]).toEqual([true, silentLog])
  expect(other.meter).toBeDefined()
})

describe('the SDK', () => {
  it('is loaded with the first count, and loses nothing of what was told before it was there', async () => {
    const { spans, meter, loads, told, close } = chosen(COLLECTOR)
    meter!.observe(METRIC.depth, () => 1)
    expect(loads).toEqual([])
    meter!.add(METRIC.turns, 1)
    meter!.record(METRIC.turn, 0.5)
    spans.emit(sampleRun().slice(0, 3))
    expect(told).toEqual([])
    await quiet()
    expect(told).toEqual(['asks skein.mailbox.depth', 'skein.turns +1', 'skein.turn.duration 0.5', '3 spans'])
    meter!.add(METRIC.turns, 2)
    await close()
    expect(told.slice(4)).toEqual(['skein.turns +2', 'closed'])
    expect(loads).toMatchObject([
      {
        also: { metrics: true, logs: true },
        resource: { [RESOURCE.serviceInstanceId]: 'h/1', [RESOURCE.hostId]: 'h', [RESOURCE.processPid]: 1 },
      },
    ])
  })

  it('is not loaded for a line of the log before a start is over', async () => {
    const { clock, heard, loads, told, close } = chosen(COLLECTOR)
    heard(silentLog).info('ready')
    await pass(clock, 1_999)
    expect(loads).toEqual([])
    await pass(clock, 1)
    expect(told).toEqual(['ready'])
    await close()
    expect(loads).toHaveLength(1)
  })

  it('is loaded at the end for lines that wait, and not for values that nobody asks for any more', async () => {
    const lines = chosen(COLLECTOR)
    lines.heard(silentLog).info('left')
    await lines.close()
    expect(lines.told).toEqual(['left', 'closed'])
    const values = chosen(COLLECTOR)
    values.meter!.observe(METRIC.depth, () => 1)()
    await values.close()
    expect(values.loads).toEqual([])
  })

  it('costs one warning where it cannot be loaded', async () => {
    const { spans, meter, heard, loads, warnings, close } = chosen(COLLECTOR, new Error('no such package'))
    meter!.add(METRIC.turns, 1)
    await quiet()
    meter!.add(METRIC.turns, 1)
    spans.emit(sampleRun())
    heard(silentLog).info('hello')
    await close()
    expect(loads).toHaveLength(1)
    expect(warnings).toEqual([expect.stringContaining('no such package')])
  })
})
