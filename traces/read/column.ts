/** Text in a column of a terminal. */

/** Exactly this many characters: cut or filled. What a span says of itself must not steer the terminal. */
export function column(text: string, cells: number): string {
  const safe = text.replace(/[\p{Cc}\p{Cf}]/gu, '·')
  if (safe.length <= cells) return safe.padEnd(cells)
  return cells < 1 ? '' : `${safe.slice(0, cells - 1)}…`
}
