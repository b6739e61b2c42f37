/** Which name somebody meant who wrote one that there is not. */

/** Letters that may differ: a slip of the fingers, not another word. */
const SLIPS = 2

/** `did you mean "read_file"?`, or all that there are. */
export function meant(written: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, slips: slipsBetween(plain(written), plain(name)) }))
    .filter(({ name, slips }) => slips <= Math.min(SLIPS, Math.floor(name.length / 2)))
    .sort((a, b) => a.slips - b.slips)
  if (nearest !== undefined) return `did you mean "${nearest.name}"?`
  return names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
}

/** `readFile`, `read-file` and `Read_File` are the same slip. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Levenshtein's distance: letters put in, left out or changed. */
function slipsBetween(a: string, b: string): number {
  let above = [...Array(b.length + 1).keys()]
  for (const [row, letter] of [...a].entries()) {
    const next = [row + 1]
    for (const [column, other] of [...b].entries()) {
      next.push(
        Math.min(next[column]! + 1, above[column + 1]! + 1, above[column]! + (letter === other ? 0 : 1)),
      )
    }
    above = next
  }
  return above[b.length]!
}
