/** One change to one file: of a text the text after it, or why it cannot be made, for a model to act on. */
import { type NearPlace, nearPlaces } from './near.ts'
import { exactPlaces, type Place, shifted, tolerantPlaces, trimmedLines } from './places.ts'

export type Replacement = { readonly old: string; readonly new: string; readonly all: boolean }

export type Replaced = {
  readonly text: string
  /** `whitespace`: the old text stood there but for whitespace, and the new one was indented as it was. */
  readonly match: 'exact' | 'whitespace'
  /** Lines of the first place, before the change, and how many places there were. */
  readonly fromLine: number
  readonly toLine: number
  readonly places: number
}

/** Why a change cannot be made. */
export type Conflict = { readonly conflict: string }

const PLACES_TOLD = 10
const NEAR_TOLD = 3
const NEAR_LINES = 40
const LINE_CHARS = 200

export function replaceIn(given: string, change: Replacement): Replaced | Conflict {
  // Read and written as the file has them, so that nobody has to know which line ends it has.
  const isWindows = given.includes('\r\n') && !/(?<!\r)\n/.test(given)
  const [text, old, replacement] = isWindows
    ? [given, change.old, change.new].map((lines) => lines.replaceAll('\r\n', '\n'))
    : [given, change.old, change.new]
  if (old!.trim() === '')
    return { conflict: '"old" is empty: give lines that stand in the file, and "new" with them in it' }
  if (old === replacement) return { conflict: '"old" and "new" are the same: leave this edit out' }
  const exact = exactPlaces(text!, old!)
  const places = apart(exact.length > 0 ? exact : tolerantPlaces(text!, old!))
  if (places.length === 0) return { conflict: absent(text!, old!, replacement!) }
  if (places.length > 1 && !change.all) return { conflict: ambiguous(text!, places) }
  const match = exact.length > 0 ? 'exact' : 'whitespace'
  const after = put(text!, places, replacement!, match)
  const { fromLine, toLine } = places[0]!
  return {
    text: isWindows ? after.replaceAll('\n', '\r\n') : after,
    match,
    fromLine,
    toLine,
    places: places.length,
  }
}

/** Of places that overlap the first. */
function apart(places: readonly Place[]): Place[] {
  let end = 0
  return places.filter((place) => {
    if (place.start < end) return false
    end = place.end
    return true
  })
}

/** In one pass: a text is copied once, however many places there are. */
function put(text: string, places: readonly Place[], replacement: string, match: Replaced['match']): string {
  const parts: string[] = []
  let from = 0
  for (const { start, end, shift } of places) {
    const lines = match === 'exact' ? replacement : shifted(trimmedLines(replacement).join('\n'), shift)
    parts.push(text.slice(from, start), lines)
    // Whole lines that nothing takes the place of go with their end.
    from = match === 'whitespace' && lines === '' ? end + 1 : end
  }
  return parts.join('') + text.slice(from)
}

function ambiguous(text: string, places: readonly Place[]): string {
  const lines = text.split('\n')
  const told = places
    .slice(0, PLACES_TOLD)
    .map(({ fromLine }) => `  line ${fromLine}: ${cut(lines[fromLine - 1]!.trim())}`)
  const more = places.length > told.length ? [`  and ${places.length - told.length} more`] : []
  return [
    `"old" stands in the file ${places.length} times. Give more lines around the one that is meant, or "all": true for all of them:`,
    ...told,
    ...more,
  ].join('\n')
}

function absent(text: string, old: string, replacement: string): string {
  const hints = []
  if (replacement.trim() !== '' && exactPlaces(text, replacement).length > 0) {
    const [{ fromLine } = { fromLine: 0 }] = exactPlaces(text, replacement)
    hints.push(`"new" stands there already, at line ${fromLine}: the edit may have been made before.`)
  }
  if (trimmedLines(old).every((line) => /^\s*\d+[:|\t-]/.test(line))) {
    hints.push('"old" has line numbers in it, which are not part of the file: leave them out.')
  }
  const near = nearPlaces(text, old, NEAR_TOLD)
  if (near.length === 0) hints.push('Nothing in it looks like it: read the file, or search for a word of it.')
  return ['"old" does not stand in the file.', ...hints, ...near.map(showNear)].join('\n')
}

function showNear({ fromLine, toLine, lines }: NearPlace): string {
  const width = String(toLine).length
  const differing = lines.filter(({ expected }) => expected !== undefined).length
  const told = lines
    .slice(0, NEAR_LINES)
    .flatMap(({ number, text, expected }) => [
      `  ${String(number).padStart(width)} ${expected === undefined ? '|' : '≠'} ${cut(text)}`,
      ...(expected === undefined ? [] : [`  ${' '.repeat(width)} ? ${cut(expected)}`]),
    ])
  const left = lines.length > NEAR_LINES ? [`  and ${lines.length - NEAR_LINES} lines more`] : []
  return [
    `Like it are lines ${fromLine} to ${toLine}, where ${differing} of ${lines.length} differ (≠ as it stands, ? as "old" has it):`,
    ...told,
    ...left,
  ].join('\n')
}

const cut = (line: string): string => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line)
