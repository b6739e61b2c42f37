import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { RESOURCE, SKEIN } from '../../traces/names.ts'
import { type OtlpSinkOptions, otlpSink } from '../../traces/provider.ts'
import type { Span } from '../../traces/span.ts'
import { type Collector, NOBODY, startCollector } from './collector.ts'
import { sampleRun } from './sample-run.ts'

const resource = { [RESOURCE.serviceInstanceId]: 'i1', [RESOURCE.hostId]: 'h1', [RESOURCE.processPid]: 42 }
const spans: readonly Span[] = [
  ...sampleRun().map((span) => ({ ...span, resource })),
  {
    ...sampleRun()[0]!,
    spanId: 'b7ad6b7169203331',
    name: 'in virtual time',
    kind: 'server',
    startMs: 5,
    endMs: 7.25,
    attributes: { whole: 3, part: 0.5, yes: true, list: ['a', 'b'] },
    links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), attributes: { n: 1 } }],
    status: { code: 'ok' },
    resource,
  },
]

/** Never says that time is up, so that a slow machine changes nothing. */
const patience: OtlpSinkOptions['timers'] = { setTimer: () => ({ cancel: () => {} }) }

/** Of gRPC: not compressed, and no bytes long. */
const EMPTY_MESSAGE = Buffer.alloc(5)

/** What arrives of a span whoever made it. */
const withoutResource = ({ resource: _, ...span }: Span) => span

describe('the OTLP sink', () => {
  let collector: Collector
  let warnings: string[]
  let options: OtlpSinkOptions

  async function listen(answers = true): Promise<void> {
    collector = await startCollector({ answers })
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  }

  beforeEach(() => {
    for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
    warnings = []
    options = { serviceName: 'skein', warn: (text) => warnings.push(text), timers: patience }
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await collector.close()
  })

  it('repeats spans with our ids, times, parents, links, kinds and status', async () => {
    await listen()
    const sink = await otlpSink(options)
    sink.emit(spans.slice(0, 10))
    sink.emit(spans.slice(10))
    sink.emit([])
    await sink.close()
    expect(collector.spans.map(withoutResource)).toEqual(spans.map(withoutResource))
    expect(warnings).toEqual([])
  })

  it('tells of each span who made it, also where another process hands it in', async () => {
    await listen()
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=lab')
    const sink = await otlpSink(options)
    const [first, second] = spans
    const late = {
      ...second!,
      resource: { ...resource, [RESOURCE.serviceInstanceId]: 'i2', [SKEIN.peer]: 'p' },
    }
    sink.emit([first!, { ...late, attributes: {} }])
    await sink.close()
    expect(collector.spans[0]!.resource).toMatchObject({
      ...resource,
      [RESOURCE.serviceName]: 'skein',
      'deployment.environment.name': 'lab',
    })
    expect(collector.spans[0]!.attributes).toEqual(first!.attributes)
    expect(collector.spans[1]!.attributes).toEqual({})
    expect(collector.spans[1]!.resource).toEqual({
      ...collector.spans[0]!.resource,
      [RESOURCE.serviceInstanceId]: 'i2',
      [SKEIN.peer]: 'p',
    })
  })

  it('tells nothing of the command line, where a prompt may stand', async () => {
    await listen()
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    const told = Object.keys(collector.spans[0]!.resource).filter((name) => name.startsWith('process.'))
    expect(told).toEqual([RESOURCE.processPid])
  })

  it('lets the environment name the service', async () => {
    await listen()
    vi.stubEnv('OTEL_SERVICE_NAME', 'flock')
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect(collector.spans[0]!.resource[RESOURCE.serviceName]).toBe('flock')
  })

  it('samples nothing away, whatever the environment says: the head of the trace has decided', async () => {
    await listen()
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off')
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect(collector.spans).toHaveLength(spans.length)
  })

  it('hands over what waits when it is asked to, and goes on', async () => {
    await listen()
    const sink = await otlpSink(options)
    sink.emit(spans.slice(0, 1))
    await sink.flush!()
    expect(collector.spans).toHaveLength(1)
    sink.emit(spans.slice(1))
    await sink.close()
    expect(collector.spans).toHaveLength(spans.length)
  })

  it('speaks protobuf where no protocol is set', async () => {
    await listen()
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', undefined)
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect(collector.requests).toEqual(['POST /v1/traces'])
    expect(warnings).toEqual([])
  })

  it('changes nothing else in the process, and prints nothing', async () => {
    await listen()
    const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const complained = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const events = [
      'exit',
      'beforeExit',
      'SIGTERM',
      'SIGINT',
      'uncaughtException',
      'unhandledRejection',
      'warning',
    ]
    const listeners = () => events.map((event) => process.listenerCount(event))
    const before = { listeners: listeners(), env: { ...process.env } }
    const sink = await otlpSink(options)
    sink.emit(spans)
    expect({ listeners: listeners(), env: { ...process.env } }).toEqual(before)
    await sink.close()
    expect({ listeners: listeners(), env: { ...process.env } }).toEqual(before)
    expect([...printed.mock.calls, ...complained.mock.calls]).toEqual([])
    vi.restoreAllMocks()
    expect(collector.requests).toEqual(['POST /v1/traces'])
  })

  it.each([
    ['OTEL_SDK_DISABLED', 'true'],
    ['OTEL_TRACES_EXPORTER', 'none'],
  ])('sends nothing and says nothing under %s=%s', async (name, value) => {
    await listen()
    vi.stubEnv(name, value)
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect([collector.requests, warnings]).toEqual([[], []])
  })

  it('warns once when nobody listens, and closes', async () => {
    await listen()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', NOBODY)
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect(warnings).toEqual([
      expect.stringMatching(/do not reach .*ECONNREFUSED.*OTEL_EXPORTER_OTLP_ENDPOINT/),
    ])
    sink.emit(spans)
    await sink.close()
    expect(warnings).toHaveLength(1)
  })

  it('does not wait for a collector that hangs', async () => {
    await listen(false)
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '10000')
    const timers: { delayMs: number; fire: () => void }[] = []
    const asked = collector.asked()
    const sink = await otlpSink({
      ...options,
      timers: {
        setTimer(delayMs, fire) {
          timers.push({ delayMs, fire })
          return { cancel: () => {} }
        },
      },
    })
    sink.emit(spans)
    const closed = sink.close()
    await asked
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([1_000])
    timers[0]!.fire()
    await closed
    expect(warnings).toEqual([expect.stringContaining('no answer within 1000 ms')])
  })

  it('warns and goes on when the environment makes no sense', async () => {
    await listen()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'not a url')
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect(warnings).toEqual([
      expect.stringContaining('OTEL_EXPORTER_OTLP_ENDPOINT is "not a url", which is no URL'),
    ])
  })

  it.each([
    ['a host and port', '127.0.0.1:4318', 'http/protobuf', 'no URL of http or https'],
    ['another scheme', 'localhost:4318', 'http/json', 'no URL of http or https'],
    ['a sentence', 'not a url', 'grpc', 'no host:port and no URL'],
  ])('does not send to %s where the protocol wants another address', async (_, endpoint, protocol, why) => {
    await listen()
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', endpoint)
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', protocol)
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect(warnings).toEqual([
      expect.stringContaining(`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is "${endpoint}", which is ${why}`),
    ])
  })

  it('minds no endpoint of a signal that stays here', async () => {
    await listen()
    vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'not a url')
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'none')
    vi.stubEnv('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT', 'not a url')
    const sink = await otlpSink({ ...options, also: { metrics: true } })
    sink.emit(spans)
    await sink.close()
    expect(collector.spans).toHaveLength(spans.length)
    expect(warnings).toEqual([])
  })

  it.each(['OTEL_EXPORTER_OTLP_', 'OTEL_EXPORTER_OTLP_TRACES_'])(
    'sends over gRPC to a host and port, by %sPROTOCOL',
    async (prefix) => {
      await listen()
      const paths: unknown[] = []
      const server = createServer().on('stream', (stream, headers) => {
        paths.push(headers[':path'])
        stream.resume()
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.end(EMPTY_MESSAGE)
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      onTestFinished(() => void server.close())
      vi.stubEnv(`${prefix}PROTOCOL`, 'grpc')
      vi.stubEnv(`${prefix}ENDPOINT`, `127.0.0.1:${(server.address() as AddressInfo).port}`)
      vi.stubEnv('OTEL_EXPORTER_OTLP_INSECURE', 'true')
      const sink = await otlpSink(options)
      sink.emit(spans)
      await sink.close()
      expect(warnings).toEqual([])
      expect(paths).toEqual(['/opentelemetry.proto.collector.trace.v1.TraceService/Export'])
    },
  )

  it('loses one span that cannot be told, and none beside it', async () => {
    await listen()
    const sink = await otlpSink(options)
    sink.emit([{ ...spans[0]!, startMs: Number.NaN }, spans[1]!])
    await sink.close()
    expect(collector.spans).toHaveLength(1)
    expect(warnings).toHaveLength(1)
  })

  it('gives way to a provider that the program brought along, and says so', async () => {
    await listen()
    const { tracing } = await import('@opentelemetry/sdk-node')
    const exporter = new tracing.InMemorySpanExporter()
    const other = new tracing.BasicTracerProvider({
      spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
    })
    trace.setGlobalTracerProvider(other)
    const sink = await otlpSink(options)
    sink.emit(spans)
    await sink.close()
    expect(warnings).toEqual([expect.stringContaining('another OpenTelemetry provider')])
    expect([exporter.getFinishedSpans(), collector.requests]).toEqual([[], []])
    trace.getTracer('the program').startSpan('its own').end()
    expect(exporter.getFinishedSpans()).toHaveLength(1)
    trace.disable()
  })
})
