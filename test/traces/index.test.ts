import { expect, it, vi } from 'vitest'

vi.mock('@opentelemetry/sdk-node', () => {
  throw new Error('loaded the OpenTelemetry SDK')
})

it('the traces layer loads the OpenTelemetry SDK only when a sink is asked for', async () => {
  const { otlpSink, traceTree } = await import('../../traces/index.ts')
  expect(traceTree([]).size).toBe(0)
  const timers = { setTimer: () => ({ cancel: () => {} }) }
  await expect(otlpSink({ serviceName: 'skein', warn: () => {}, timers })).rejects.toThrow()
})
