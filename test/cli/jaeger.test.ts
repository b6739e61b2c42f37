import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { linked, linkTo, sendSpansTo, wishedJaeger } from '../../cli/input/jaeger.ts'
import { readSettings } from '../../cli/input/settings.ts'
import { traceIdOf } from '../../traces/propagation.ts'
import { aReport } from './reports.ts'

const LOCAL = 'http://127.0.0.1:16686'

describe("the address of Jaeger's page", () => {
  it.each([
    ['nothing', undefined, {}, undefined],
    ['an empty variable', undefined, { SKEIN_JAEGER: '' }, undefined],
    ['the flag', '', {}, LOCAL],
    ['the flag with an address', 'http://tracing:8080/jaeger/', {}, 'http://tracing:8080/jaeger'],
    ['the variable', undefined, { SKEIN_JAEGER: 'https://tracing' }, 'https://tracing'],
    ['the flag beside the variable', '', { SKEIN_JAEGER: 'http://tracing:1' }, 'http://tracing:1'],
    ['both, of which the flag counts', 'http://here', { SKEIN_JAEGER: 'http://there' }, 'http://here'],
  ])('is had from %s', (_, flag, env, url) => {
    expect(wishedJaeger(flag, env)).toBe(url)
  })

  it.each(['Make the tests pass', 'localhost:16686', 'ftp://tracing'])('is not "%s"', (text) => {
    expect(() => wishedJaeger(text, {})).toThrow(
      expect.objectContaining({ code: 'cli.jaeger', message: expect.stringContaining(`"${text}"`) }),
    )
  })
})

describe('a password in the address', () => {
  it.each([
    'http://user:secret@tracing:16686',
    'http://secret@tracing',
    'ftp://user:secret@tracing',
    'user:secret@tracing:16686',
    'http://user:secret@tra cing',
  ])('is refused, and not repeated: %s', (text) => {
    for (const ask of [() => wishedJaeger(text, {}), () => wishedJaeger('', { SKEIN_JAEGER: text })]) {
      expect(ask).toThrow(
        expect.objectContaining({ code: 'cli.jaeger', message: expect.not.stringContaining('secret') }),
      )
    }
  })
})

describe('spans', () => {
  it('go there from this process and from those that it starts, whose variables are its own', async () => {
    for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '')
    const settings = await readSettings({ jaeger: 'http://tracing:16686' })
    expect(settings.jaeger).toBe('http://tracing:16686')
    expect(settings.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT).toBe('http://tracing:4318/v1/traces')
    expect(process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT).toBe('http://tracing:4318/v1/traces')
  })

  it.each([
    ['http://127.0.0.1:16686', 'http://127.0.0.1:4318/v1/traces'],
    ['https://tracing/jaeger', 'http://tracing:4318/v1/traces'],
    ['http://[::1]:16686', 'http://[::1]:4318/v1/traces'],
  ])("go to the OTLP port of Jaeger's host, and nothing else does: %s", (jaeger, endpoint) => {
    const env = {}
    sendSpansTo(jaeger, env)
    expect(env).toEqual({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    })
  })

  it.each(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])(
    'go where %s says, whatever Jaeger is named',
    (name) => {
      const env = { [name]: 'http://collector:4318' }
      sendSpansTo(LOCAL, env)
      expect(env).toEqual({ [name]: 'http://collector:4318' })
    },
  )
})

describe('the link of a run', () => {
  const report = aReport({ run: 'r-1', trace: 'trace.jsonl' })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

  it('leads to its trace', () => {
    expect(linked(report, { jaeger: LOCAL, env })).toEqual({
      ...report,
      jaeger: `${LOCAL}/trace/${traceIdOf('r-1')}`,
    })
  })

  it('keeps the path and the query of the page', () => {
    const jaeger = wishedJaeger('https://tracing/jaeger/?tenant=a#top', {})!
    expect(linkTo('r-1', { jaeger, env })).toBe(`https://tracing/jaeger/trace/${traceIdOf('r-1')}?tenant=a`)
  })

  it('is not told of a run that was not traced, or where nobody asked, or where spans go nowhere', () => {
    const untraced = { ...report, trace: null }
    expect(linked(untraced, { jaeger: LOCAL, env })).toEqual(untraced)
    expect(linked(report, { env })).toEqual(report)
    expect(linkTo('r-1', { jaeger: LOCAL, env: { ...env, OTEL_TRACES_EXPORTER: 'none' } })).toBeUndefined()
  })
})
