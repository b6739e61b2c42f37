/** Changing a text by ranges, so that all around them stays as it is to the character. */
import type { Range } from './parse.ts'

export type Edit = Range & { readonly text: string }

/** Applies edits that do not overlap, with the line ends of the text; of several at one place, the first comes first. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const eol = lineEndOf(text)
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end)
  let at = 0
  const pieces = sorted.flatMap((edit) => {
    const between = text.slice(at, edit.start)
    at = edit.end
    return [between, edit.text.replace(/\r?\n/g, eol)]
  })
  return [...pieces, text.slice(at)].join('')
}

/**
 * Takes ranges out, and of the white space before and after them what makes the smaller gap. Thus it undoes
 * `insertBefore` and `insertAfter`.
 */
export function removals(text: string, ranges: readonly Range[]): Edit[] {
  const runs: { start: number; end: number }[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = runs.at(-1)
    if (last !== undefined && text.slice(last.end, start).trim() === '') last.end = end
    else runs.push({ start, end })
  }
  return runs.map(({ start, end }) => {
    const before = gapBefore(text, start)
    const after = /^\s*/.exec(text.slice(end))![0]
    const atStart = before.length === start
    const atEnd = end + after.length === text.length
    const keepBefore = !atEnd && (atStart || lineEnds(before) > lineEnds(after))
    return keepBefore
      ? { start, end: end + after.length, text: '' }
      : { start: start - before.length, end, text: '' }
  })
}

/** Puts something before what begins at a place, with the gap in between that is there already. */
export function insertBefore(text: string, at: number, inserted: string): Edit {
  const gap = gapBefore(text, at)
  return { start: at, end: at, text: inserted + (gap.length === at || lineEnds(gap) === 0 ? '\n\n' : gap) }
}

/** Puts something in the line after a place. */
export const insertAfter = (at: number, inserted: string): Edit => ({
  start: at,
  end: at,
  text: `\n${inserted}`,
})

const gapBefore = (text: string, at: number): string => text.slice(text.slice(0, at).trimEnd().length, at)

const lineEnds = (gap: string): number => gap.split('\n').length - 1

/** The line end that most lines of the text have. */
function lineEndOf(text: string): '\n' | '\r\n' {
  const windows = text.split('\r\n').length - 1
  return windows * 2 > lineEnds(text) ? '\r\n' : '\n'
}
