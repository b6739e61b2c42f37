import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { sendSpansTo, wishedJaeger } from '../../cli/input/jaeger.ts'

const secondsSchema = z.string().regex(/^\d+s$/)
/** The part of the Compose Specification that the file uses. Strict: Compose refuses a key that it does not know. */
const serviceSchema = z.strictObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.strictObject({
    test: z.array(z.string()),
    interval: secondsSchema,
    timeout: secondsSchema,
    retries: z.number().int().positive(),
    start_period: secondsSchema,
  }),
})
const composeSchema = z.strictObject({
  services: z.strictObject({ nats: serviceSchema, jaeger: serviceSchema }),
  volumes: z.record(z.string(), z.null()),
})

const text = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8')
const { services, volumes } = composeSchema.parse(parse(text))
const { nats, jaeger } = services

describe('docker-compose.yml', () => {
  it.each(Object.entries(services))('pins the image of %s by its full version', (_, { image }) => {
    expect(image).toMatch(/:\d+\.\d+\.\d+(-alpine)?$/)
  })

  it.each(Object.entries(services))('publishes the ports of %s on loopback only', (_, { ports }) => {
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([])
  })

  it.each(Object.entries(services))(
    'asks %s for its health with what its image has',
    (_, { healthcheck }) => {
      expect(healthcheck.test.slice(0, 2)).toEqual(['CMD', 'wget'])
    },
  )

  it('runs NATS with JetStream on a volume that outlives the container', () => {
    const store = nats.command[nats.command.indexOf('--store_dir') + 1]
    expect(nats.command).toContain('--jetstream')
    expect(nats.volumes).toEqual([`nats:${store}`])
    expect(volumes).toHaveProperty('nats')
  })

  it('asks NATS for its health where its monitor listens', () => {
    const port = nats.command[nats.command.indexOf('--http_port') + 1]
    expect(nats.healthcheck.test.at(-1)).toBe(`http://127.0.0.1:${port}/healthz`)
    expect(published(nats.ports)).toEqual(['4222', port])
  })

  it('lets Jaeger listen to the ports that are published', () => {
    expect(jaeger.environment.JAEGER_LISTEN_HOST).toBe('0.0.0.0')
    expect(published(jaeger.ports)).toEqual(['16686', '4317', '4318'])
    expect(jaeger.healthcheck.test.at(-1)).toBe('http://127.0.0.1:13133/status')
  })

  it('has Jaeger where --jaeger looks for it, and sends spans to', () => {
    const page = wishedJaeger('', {})!
    const env: Record<string, string> = {}
    sendSpansTo(page, env)
    for (const url of [page, env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT!]) {
      const { hostname, port } = new URL(url)
      expect(jaeger.ports).toContain(`${hostname}:${port}:${port}`)
    }
  })
})

const published = (ports: readonly string[]) => ports.map((port) => port.split(':').at(-1))
