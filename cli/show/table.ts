/** Rows in columns as wide as they need to be; the last one is cut to the screen. */
import { cut, oneLine, type Screen } from './terminal.ts'

const GAP = '  '

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  screen: Screen,
): string[] {
  const safe = rows.map((row) => row.map(oneLine))
  const widths = head.map((name, column) =>
    Math.max(name.length, ...safe.map((row) => (row[column] ?? '').length)),
  )
  const laidOut = (row: readonly string[]) =>
    cut(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP), screen.width()).trimEnd()
  return [screen.paint('dim', laidOut(head)), ...safe.map(laidOut)]
}
