/** The first lines in which two values differ, for people. */
import { structuredPatch } from 'diff'

/** Lines that are shown of each side, and characters of each line. */
const SHOWN = { lines: 4, chars: 160 }

/** `- as it was recorded` and `+ as it is now`, each line indented. */
export function shortDiff(recorded: unknown, now: unknown): string {
  const [from, to] = [textOf(recorded), textOf(now)]
  const { hunks } = structuredPatch('', '', from, to, undefined, undefined, { context: 0 })
  const lines = hunks.flatMap((hunk) => hunk.lines)
  const shown = ['-', '+'].flatMap((sign) => lines.filter((line) => line[0] === sign).slice(0, SHOWN.lines))
  const more = lines.filter((line) => /^[-+]/.test(line)).length - shown.length
  return [
    ...shown.map((line) => `  ${line[0]} ${cut(line.slice(1))}`),
    ...(more > 0 ? [`  … ${more} more lines`] : []),
  ].join('\n')
}

const textOf = (value: unknown): string =>
  value === undefined ? '' : `${typeof value === 'string' ? value : (JSON.stringify(value, null, 1) ?? '')}\n`

const cut = (line: string) => (line.length > SHOWN.chars ? `${line.slice(0, SHOWN.chars)} …` : line)
