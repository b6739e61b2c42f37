/** Time as a line of characters: where a span lies in its trace, and the ruler above. */
import { roundDuration } from './duration.ts'

export type Scale = { readonly startMs: number; readonly endMs: number; readonly cells: number }

/** By which halves of a cell are covered: none, left, right, both. */
const SOLID = [' ', '╸', '╺', '━'] as const
const DOTTED = [' ', '┄', '┄', '┄'] as const

/** A line from `startMs` to `endMs`, to half a cell and never empty; dotted for what stands for several spans. */
export function bar(scale: Scale, startMs: number, endMs: number, dotted = false): string {
  const halves = scale.cells * 2
  const first = Math.min(halves - 1, Math.floor(positionOf(scale, startMs) * halves))
  const end = Math.max(first + 1, Math.round(positionOf(scale, endMs) * halves))
  const covered = (half: number) => (half >= first && half < end ? 1 : 0)
  const faces = dotted ? DOTTED : SOLID
  return Array.from({ length: scale.cells }, (_, cell) => {
    return faces[covered(2 * cell) + 2 * covered(2 * cell + 1)]
  }).join('')
}

/** Where in the scale, from 0 to 1. */
const positionOf = ({ startMs, endMs }: Scale, ms: number): number =>
  endMs > startMs ? Math.min(1, Math.max(0, (ms - startMs) / (endMs - startMs))) : 0

/** Distances between ticks that people can add up, in milliseconds. */
const STEPS_MS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800].map((seconds) => seconds * 1_000),
  ...[1, 2, 6, 12, 24, 48, 120, 240, 480].map((hours) => hours * 3_600_000),
]
/** From one tick to the next: the mark, a label like `5m`, a blank. */
const MIN_TICK_CELLS = 4

/** Ticks from the start of the scale, each with its distance from it, as close as their labels allow. */
export function ruler({ startMs, endMs, cells }: Scale): string {
  const length = endMs - startMs
  const cellOf = (ms: number) => Math.floor((ms / length) * cells)
  const ticksOf = (step: number) =>
    Array.from({ length: Math.ceil(length / step) - 1 }, (_, index) => (index + 1) * step)
  const step = STEPS_MS.find(
    (step) =>
      cellOf(step) >= MIN_TICK_CELLS &&
      ticksOf(step).every((at) => roundDuration(at).length + 2 <= cellOf(step)),
  )
  let line = '╷0'
  for (const at of step === undefined ? [] : ticksOf(step)) {
    const label = `╷${roundDuration(at)}`
    if (cellOf(at) + label.length <= cells) line = line.padEnd(cellOf(at)) + label
  }
  return line
}
