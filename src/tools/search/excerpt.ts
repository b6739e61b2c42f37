/** Lines of a file that were found, with some around them, as `grep` shows them: `12:found`, `13-beside it`. */
import { linesOf } from '../text.ts'
import type { Hit } from './engine.ts'

export type ExcerptOptions = {
  /** Lines before and after each that was found. */
  readonly context: number
  /** Characters of a line; of a longer one, those around what was found. */
  readonly lineChars: number
}

/** Between lines that do not follow one another. */
const GAP = '--'

export function excerpt(text: string, hits: readonly Hit[], { context, lineChars }: ExcerptOptions): string {
  const lines = linesOf(text)
  const columns = new Map(hits.map(({ line, column }) => [line, column]))
  const shown = new Set<number>()
  for (const { line } of hits) {
    for (let near = line - context; near <= line + context; near++) {
      if (near >= 1 && near <= lines.length) shown.add(near)
    }
  }
  const told: string[] = []
  let last = 0
  for (const number of [...shown].sort((a, b) => a - b)) {
    if (context > 0 && last > 0 && number > last + 1) told.push(GAP)
    const column = columns.get(number)
    const line = (lines[number - 1] ?? '').replace(/\r?\n$/, '')
    told.push(`${number}${column === undefined ? '-' : ':'}${around(line, column ?? 0, lineChars)}`)
    last = number
  }
  return told.join('\n')
}

function around(line: string, column: number, lineChars: number): string {
  if (line.length <= lineChars) return line
  const from = Math.max(0, Math.min(column - Math.floor(lineChars / 4), line.length - lineChars))
  const to = from + lineChars
  return `${from > 0 ? '…' : ''}${line.slice(from, to)}${to < line.length ? '…' : ''}`
}
