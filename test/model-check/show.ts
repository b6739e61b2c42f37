/** What a trial came to, for people. */
import { oneLine } from '../../cli/show/terminal.ts'
import type { CheckJob } from './jobs.ts'
import type { Trial } from './trial.ts'

export const TRIAL_HEAD = [
  'job',
  'outcome',
  'tests',
  'tokens in',
  'out',
  'cost',
  'time',
  'calls',
  'corrected',
  'tool errors',
]

export function trialRow(trial: Trial): string[] {
  const { tests, tokens, steps, moneyNanoUsd, durationMs } = trial
  return [
    ...[trial.job, trial.ok ? trial.outcome : `${trial.outcome}, not ok`],
    `${tests.passed} of ${tests.passed + tests.failed.length}`,
    ...[
      String(tokens.input),
      String(tokens.output),
      dollars(moneyNanoUsd),
      `${Math.round(durationMs / 1_000)} s`,
    ],
    String(Object.values(steps).reduce((sum, calls) => sum + calls, 0)),
    ...[String(trial.corrections.length), String(trial.toolErrors.length)],
  ]
}

/** What a row cannot hold. */
export function trialLines(trial: Trial): string[] {
  const { reason, tests, steps, untold } = trial
  return [
    ...(reason === null ? [] : [`  reason: ${oneLine(reason)}`]),
    `  calls: ${
      Object.entries(steps)
        .map(([role, calls]) => `${role} ${calls}`)
        .join(', ') || 'none'
    }`,
    ...(untold === 0 ? [] : [`  of ${untold} calls the endpoint told no tokens: they are not counted`]),
    ...trial.unwanted.map((path) => `  changed, and not asked for: ${path}`),
    ...tests.failed.map((name) => `  fails: ${oneLine(name)}`),
    ...trial.corrections.map(({ role, text }) => `  corrected: ${role}: ${oneLine(text)}`),
    ...tally(trial.toolErrors.map(({ role, tool, error }) => `${role}: ${tool}: ${error}`)).map(
      (line) => `  tool error: ${line}`,
    ),
    ...trial.findings.map(({ severity, seen }) => `  ${severity}: ${oneLine(seen)}`),
  ]
}

export const jobLine = ({ name, tries, tokens, timeoutMs }: CheckJob): string =>
  `${name.padEnd(10)}at most ${tokens} tokens, ${timeoutMs / 60_000} min: ${tries}`

export const dollars = (nanoUsd: number | null): string =>
  nanoUsd === null ? 'unknown' : `$${(nanoUsd / 1e9).toFixed(4)}`

/** Each line once, with how often it came. */
function tally(lines: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`))
}
