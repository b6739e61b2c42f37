/** The results, as a small table for people or as JSON for programs. */
import type { Counts } from './counts.ts'
import type { Result } from './inquest.ts'

const ROWS: readonly (readonly [name: string, of: (counts: Counts) => string | number])[] = [
  ['runs of the job', ({ runs }) => runs],
  ['seconds', ({ seconds }) => seconds.toFixed(0)],
  ['longest silence, seconds', ({ silence }) => silence.toFixed(1)],
  ['processes killed', ({ kills }) => kills],
  ['processes stopped and woken', ({ pauses }) => pauses],
  ['nats-servers ended', ({ serversEnded }) => serversEnded],
  ['peers adopted', ({ adoptions }) => adoptions],
  ['origins adopted', ({ originsAdopted }) => originsAdopted],
  ['conversations taken over', ({ takeovers }) => takeovers],
  ['fenced writers', ({ fenced }) => fenced],
  ['redeliveries', ({ redeliveries }) => redeliveries],
  ['duplicates dropped', ({ duplicatesDropped }) => duplicatesDropped],
  ['model calls made', ({ modelCalls }) => modelCalls],
  ['answers recorded', ({ answersRecorded }) => answersRecorded],
  ['answers reused', ({ answersReused }) => answersReused],
]

export function tableOf(results: readonly Result[]): string {
  const rows = [
    ['', ...results.map(({ name }) => name)],
    ...ROWS.map(([name, of]) => [name, ...results.map(({ counts }) => `${of(counts)}`)]),
    [
      'checks',
      ...results.map(({ findings }) => (findings.length === 0 ? 'hold' : `${findings.length} fail`)),
    ],
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('   '),
    )
    .join('\n')
}

export const findingsOf = ({ name, findings }: Result): string[] =>
  findings.map(({ check, expected, seen }) => `${name}: ${check}\n  expected: ${expected}\n  seen: ${seen}`)

export const jsonOf = (seed: number, results: readonly Result[]): string =>
  JSON.stringify({ seed, results }, null, 2)
