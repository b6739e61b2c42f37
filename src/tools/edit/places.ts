/**
 * Where a piece of text stands in a file: to the letter, or, where it does so nowhere, by whole lines that differ in
 * whitespace only. Models tend to drop spaces at line ends, and to give a block without the
 * indentation that it has.
 */

export type Place = {
  /** Characters from the beginning of the file. */
  readonly start: number
  readonly end: number
  /** Lines that it touches, counted from 1. */
  readonly fromLine: number
  readonly toLine: number
  /** What stands before each of its lines and not before those that were looked for, or the other way round. */
  readonly shift: Shift
}

/** Indentation that is to be put before each line, after some is taken away. */
export type Shift = { readonly remove: string; readonly add: string }

const NO_SHIFT: Shift = { remove: '', add: '' }

/** All places, also such as overlap. */
export function exactPlaces(text: string, wanted: string): Place[] {
  const places: Place[] = []
  const lineAt = lineCounter(text)
  for (let start = text.indexOf(wanted); start !== -1; start = text.indexOf(wanted, start + 1)) {
    const end = start + wanted.length
    const last = wanted.endsWith('\n') ? end - 1 : end
    places.push({ start, end, fromLine: lineAt(start), toLine: lineAt(last), shift: NO_SHIFT })
  }
  return places
}

/** Places of the same lines but for whitespace; their indentation may differ if it differs by the same everywhere. */
export function tolerantPlaces(text: string, wanted: string): Place[] {
  const lines = text.split('\n')
  const asked = trimmedLines(wanted)
  if (asked.length === 0) return []
  const [squeezedLines, squeezedAsked] = [lines.map(squeezed), asked.map(squeezed)]
  const places: Place[] = []
  let start = 0
  for (let at = 0; at + asked.length <= lines.length; at++) {
    if (squeezedAsked.every((line, index) => line === squeezedLines[at + index])) {
      const found = lines.slice(at, at + asked.length)
      const shift = shiftBetween(asked, found)
      const end = start + found.join('\n').length
      if (shift !== undefined) places.push({ start, end, fromLine: at + 1, toLine: at + asked.length, shift })
    }
    start += lines[at]!.length + 1
  }
  return places
}

/** The text with its lines moved as the place's are; empty lines stay empty. */
export function shifted(text: string, { remove, add }: Shift): string {
  if (remove === '' && add === '') return text
  return text
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return line
      return add + (line.startsWith(remove) ? line.slice(remove.length) : line.trimStart())
    })
    .join('\n')
}

/** The lines without the empty ones before and after. */
export function trimmedLines(text: string): string[] {
  const lines = text.split('\n')
  const isFull = (line: string) => line.trim() !== ''
  return lines.slice(Math.max(0, lines.findIndex(isFull)), lines.findLastIndex(isFull) + 1)
}

/** A line with whitespace as it does not matter. */
export const squeezed = (line: string): string => line.trim().replace(/\s+/g, ' ')

/** Undefined where the lines are indented one against another as they were not meant to be. */
function shiftBetween(asked: readonly string[], found: readonly string[]): Shift | undefined {
  let shift: Shift | undefined
  for (const [index, line] of asked.entries()) {
    if (line.trim() === '') continue
    const [from, to] = [indentOf(line), indentOf(found[index]!)]
    shift ??= difference(from, to)
    if (shift.add + from.slice(shift.remove.length) !== to || !from.startsWith(shift.remove)) return undefined
  }
  return shift
}

/** What both end in stays. */
function difference(from: string, to: string): Shift {
  let same = 0
  while (same < Math.min(from.length, to.length) && from.at(-1 - same) === to.at(-1 - same)) same++
  return { remove: from.slice(0, from.length - same), add: to.slice(0, to.length - same) }
}

const indentOf = (line: string): string => /^\s*/.exec(line)![0]

/** The line of a place, counted from 1. The file is gone through once, however many places are asked for. */
function lineCounter(text: string): (at: number) => number {
  const ends: number[] = []
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) ends.push(end)
  return (at) => {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! < at) low = middle + 1
      else high = middle
    }
    return low + 1
  }
}
