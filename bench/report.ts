/** The results, as a small table for people or as JSON for programs. */
import type { Conditions } from './conditions.ts'
import { median, type Result, ratioOf } from './contest.ts'

export function tableOf(results: readonly Result[], conditions: Conditions): string {
  const { cores, cpu, platform, node, natsServer } = conditions
  const rows = results.map((result) => {
    const { median: ratio, least, most } = ratioOf(result)
    const times = `${ratio.toFixed(1)} times`
    return [
      result.name,
      duration(median(result.skein)),
      duration(median(result.rival)),
      times,
      `${least.toFixed(1)} to ${most.toFixed(1)} in ${result.skein.length} rounds`,
    ]
  })
  const heads = ['', 'skein', 'bare', 'skein takes', '']
  const widths = heads.map((_, column) => Math.max(...[heads, ...rows].map((row) => row[column]!.length)))
  const lines = [heads, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd(),
  )
  return [
    `${cores} cores (${cpu}), ${platform}, Node ${node}, nats-server ${natsServer}`,
    '',
    ...lines,
    '',
    'Medians. "Bare" is the NATS client alone: it makes the same durable writes, or publishes the same bodies;',
    'for a start it is `node -e 0`. The ratios are taken round by round.',
  ].join('\n')
}

export function jsonOf(results: readonly Result[], conditions: Conditions): string {
  const measured = results.map((result) => ({
    name: result.name,
    unit: 'ms',
    skein: median(result.skein),
    bare: median(result.rival),
    ratio: ratioOf(result),
    rounds: { skein: result.skein, bare: result.rival },
  }))
  return JSON.stringify({ conditions, results: measured }, null, 2)
}

/** Milliseconds with three digits and a unit that suits them. */
function duration(ms: number): string {
  const [value, unit] = ms >= 1_000 ? [ms / 1_000, 's'] : ms >= 1 ? [ms, 'ms'] : [ms * 1_000, 'µs']
  return `${value.toPrecision(3)} ${unit}`
}
