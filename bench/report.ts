/** The results, as small tables for people or as JSON for programs. */
import type { Conditions } from './conditions.ts'
import { median, type Result, ratioOf } from './contest.ts'
import type { IdleResult } from './idle/measure.ts'
import type { ReadingResult } from './traces/reading.ts'
import type { TracingResult } from './tracing/measure.ts'

export type Report = {
  readonly conditions: Conditions
  readonly contests: readonly Result[]
  readonly tracing: readonly TracingResult[]
  readonly idle: readonly IdleResult[]
  readonly reading: readonly ReadingResult[]
}

export function tablesOf({ conditions, contests, tracing, idle, reading }: Report): string {
  const { cores, cpu, platform, node, natsServer } = conditions
  return [
    `${cores} cores (${cpu}), ${platform}, Node ${node}, nats-server ${natsServer}`,
    ...(contests.length > 0 ? [contestTable(contests)] : []),
    ...(tracing.length > 0 ? [tracingTable(tracing)] : []),
    ...(idle.length > 0 ? [idleTable(idle)] : []),
    ...reading.map(readingTable),
  ].join('\n\n')
}

function contestTable(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { median: ratio, least, most } = ratioOf(result)
    return [
      result.name,
      duration(median(result.skein)),
      duration(median(result.rival)),
      `${ratio.toFixed(1)} times`,
      `${least.toFixed(1)} to ${most.toFixed(1)} in ${result.skein.length} rounds`,
    ]
  })
  return `${table(['', 'skein', 'bare', 'skein takes', ''], rows)}

Medians. "Bare" is the NATS client alone: it makes the same durable writes, or publishes the same bodies;
for a start it is \`node -e 0\`. The ratios are taken round by round.`
}

function tracingTable(results: readonly TracingResult[]): string {
  const rows = results.map((result) => {
    const { cpu } = result
    const { median: ratio, least, most } = ratioOf(result)
    return [
      result.name,
      duration(median(result.skein)),
      duration(median(result.rival)),
      `${ratio.toFixed(2)} times`,
      `${least.toFixed(2)} to ${most.toFixed(2)} in ${result.skein.length} rounds`,
      `${(median(cpu.with) / median(cpu.without)).toFixed(2)} times`,
    ]
  })
  return `${table(['a durable turn', 'with', 'without', 'takes', '', 'processor time'], rows)}

Medians; the ratios of time are taken round by round. The first row is what chance does. Both roles are in one process,
with its exports: processor time has those too, which leave after the turns. A collector gets metrics and logs as well.`
}

function idleTable(results: readonly IdleResult[]): string {
  const rows = results.map(({ kind, conversations, bytes, idle, justUsed }) => [
    `${conversations.toLocaleString('en')} idle conversations, ${kind}`,
    size(bytes.heap),
    size(bytes.resident),
    size(bytes.disk),
    duration(median(idle)),
    duration(median(justUsed)),
  ])
  const heads = ['', "of the host's heap", 'of its resident memory', 'on disk', 'woken in', 'when just used']
  return `${table(heads, rows)}

Bytes for each. A parked conversation has nothing pending and no owner; a held one has a timer, so a host keeps it in
memory. Medians of ${results[0]!.idle.length}, from the put of a message to the commit of its turn.`
}

function readingTable({ spans, bytes, steps }: ReadingResult): string {
  const [parse] = steps
  const rows = steps.map(({ name, ms }) => {
    const ratios = ms.map((one, round) => one / parse!.ms[round]!)
    return [name, duration(median(ms)), `${median(ratios).toFixed(1)} times`]
  })
  const title = `a trace of ${spans.toLocaleString('en')} spans, ${Math.round(bytes / 1e6)} MB`
  return `${table([title, '', 'JSON.parse'], rows)}

Medians of ${parse!.ms.length} rounds. The ratios are taken round by round, to JSON.parse of the same bytes.`
}

export function jsonOf({ conditions, contests, tracing, idle, reading }: Report): string {
  const measured = contests.map((result) => ({
    name: result.name,
    unit: 'ms',
    skein: median(result.skein),
    bare: median(result.rival),
    ratio: ratioOf(result),
    rounds: { skein: result.skein, bare: result.rival },
  }))
  const traced = tracing.map((result) => ({
    name: result.name,
    unit: 'ms',
    with: median(result.skein),
    without: median(result.rival),
    cpu: { with: median(result.cpu.with), without: median(result.cpu.without) },
    ratio: ratioOf(result),
    rounds: { with: result.skein, without: result.rival },
  }))
  const slept = idle.map(({ idle: woken, justUsed, ...rest }) => ({
    ...rest,
    unit: 'ms',
    woken: median(woken),
    justUsed: median(justUsed),
  }))
  return JSON.stringify({ conditions, results: measured, tracing: traced, idle: slept, reading }, null, 2)
}

/** The first column to the left, the others to the right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows]
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const cellOf = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)
  return all.map((row) => row.map(cellOf).join('   ').trimEnd()).join('\n')
}

/** Milliseconds with three digits and a unit that suits them. */
function duration(ms: number): string {
  const [value, unit] = ms >= 1_000 ? [ms / 1_000, 's'] : ms >= 1 ? [ms, 'ms'] : [ms * 1_000, 'µs']
  return `${value.toPrecision(3)} ${unit}`
}

const size = (bytes: number) => `${Math.round(bytes).toLocaleString('en')} B`
