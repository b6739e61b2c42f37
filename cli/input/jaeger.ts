/**
 * Jaeger by one word: `--jaeger` or `SKEIN_JAEGER`, the address of its page. From it follow where spans go and what a
 * run's link is.
 */
import { collectorUrl } from '../../src/flock/choose-telemetry.ts'
import type { RunReport } from '../../src/flock/run-report.ts'
import { placeIn } from '../../traces/jaeger.ts'
import { traceIdOf } from '../../traces/propagation.ts'
import { CliError } from './error.ts'

/** Where `docker-compose.yml` has it. */
const DEFAULT_URL = 'http://127.0.0.1:16686'
/** Jaeger's, for OTLP over HTTP. */
const OTLP_PORT = '4318'

type Env = NodeJS.ProcessEnv

/** Without a slash at its end. @param given what stands behind the flag: nothing, or an address. @throws CliError `cli.jaeger` */
export function jaegerUrl(given: string, env: Env): string {
  const text = given || env.SKEIN_JAEGER || DEFAULT_URL
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (isWeb && (url.username !== '' || url.password !== '')) {
    throw new CliError(
      'jaeger',
      `the address of Jaeger's page holds a user or a password, which links and errors would show: leave out what stands before the "@"`,
    )
  }
  if (isWeb) return placeIn(text, '').replace(/\/+$/, '')
  // What is before an "@" may be a password.
  throw new CliError(
    'jaeger',
    `${text.includes('@') ? 'what is given' : `"${text}"`} is no address of Jaeger's page: ${given ? `give one like ${DEFAULT_URL}, or --jaeger as the last word` : `let SKEIN_JAEGER say one like ${DEFAULT_URL}, or unset it`}`,
  )
}

/** Undefined where nobody asked for Jaeger. @throws CliError `cli.jaeger` */
export const wishedJaeger = (flag: string | undefined, env: Env): string | undefined =>
  flag === undefined && !env.SKEIN_JAEGER ? undefined : jaegerUrl(flag ?? '', env)

/**
 * Sends spans to Jaeger's host, unless a collector is named that does; Jaeger takes neither metrics nor logs. It is
 * said by variables and not by arguments: OpenTelemetry's SDK reads no others, and the processes that a run starts
 * inherit them.
 */
export function sendSpansTo(jaeger: string, env: Env): void {
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return
  const { hostname } = new URL(jaeger)
  env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = `http://${hostname}:${OTLP_PORT}/v1/traces`
  env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL = 'http/protobuf' // whatever is said of other collectors
}

/** A report with the link to the run's page, where its spans went to Jaeger. */
export type LinkedReport = RunReport & { readonly jaeger?: string }

type Wish = { readonly jaeger?: string; readonly env: Env }

export function linked(report: RunReport, wish: Wish): LinkedReport {
  const jaeger = report.trace === null ? undefined : linkTo(report.run, wish)
  return jaeger === undefined ? report : { ...report, jaeger }
}

/** Undefined where nobody asked for Jaeger, or where spans go nowhere. */
export const linkTo = (run: string, { jaeger, env }: Wish): string | undefined =>
  jaeger === undefined || collectorUrl(env) === undefined
    ? undefined
    : placeIn(jaeger, `/trace/${traceIdOf(run)}`)
