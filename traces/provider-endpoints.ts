/**
 * Whether the endpoints of the environment are addresses by the protocol that they are for. What is none the SDK passes
 * over, and sends to this machine instead.
 */

const SIGNALS = ['TRACES', 'METRICS', 'LOGS'] as const
type Signal = (typeof SIGNALS)[number]

/** @throws Error for the first that is none, of these signals as far as they are sent at all */
export function checkEndpoints(signals: Readonly<Record<Signal, boolean>>): void {
  const { env } = process
  for (const signal of SIGNALS) {
    if (!signals[signal] || env[`OTEL_${signal}_EXPORTER`]?.trim() === 'none') continue
    const own = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`
    const name = env[own]?.trim() ? own : 'OTEL_EXPORTER_OTLP_ENDPOINT'
    const endpoint = env[name]?.trim()
    const protocol = env[`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`] || env.OTEL_EXPORTER_OTLP_PROTOCOL
    const isGrpc = protocol?.trim() === 'grpc'
    if (!endpoint || (isGrpc ? isTarget(endpoint) : isWebUrl(endpoint))) continue
    const wanted = isGrpc ? 'no host:port and no URL' : 'no URL of http or https'
    throw new Error(`${name} is "${endpoint}", which is ${wanted}`)
  }
}

const isWebUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)

/** For gRPC a host and a port are enough. */
const isTarget = (text: string): boolean => URL.canParse(text.includes('://') ? text : `https://${text}`)
