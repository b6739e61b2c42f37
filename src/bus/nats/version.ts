/** Versions of a server. */

/** Compares the numbers of two versions; what follows them (`-beta.1`) does not count. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split(/[.+-]/).slice(0, 3).map(Number)
  const [ours, theirs] = [numbers(version), numbers(than)]
  const different = theirs.findIndex((number, index) => number !== ours[index])
  return different >= 0 && !(Number(ours[different]) > Number(theirs[different]))
}
