/** Lengths of time as people write them: `90s`, `10m`, `1h30m`, `7d`. */
import { CliError } from './error.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds. @throws CliError `cli.duration` */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    throw new CliError('duration', `"${text}" is no length of time: write it like 90s, 10m or 1h30m`)
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!, 0)
  if (ms > 0) return ms
  throw new CliError('duration', `"${text}" is no time at all: give more`)
}
