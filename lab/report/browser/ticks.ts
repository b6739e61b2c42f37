/** Where the marks of an axis stand, so that no label lies on another. */
import { shortNumber } from '../quantity.ts'
import type { YScale } from './y-scale.ts'

/** A digit of the font of the plots, 12 px, and a little more. */
export const TEXT_PX = 7
const BETWEEN_PX = 10

/** Of the values that were measured, as many as have room; both ends first. */
export function fittingTicks(values: readonly number[], isLog: boolean, width: number): number[] {
  const [least, greatest] = [values[0]!, values.at(-1)!]
  const along = (value: number) => (isLog ? Math.log(value) : value)
  const span = along(greatest) - along(least)
  const at = (value: number) => (span === 0 ? 0 : ((along(value) - along(least)) / span) * width)
  const half = (value: number) => (shortNumber(value).length * TEXT_PX + BETWEEN_PX) / 2
  const fits = (one: number, other: number) => Math.abs(at(one) - at(other)) >= half(one) + half(other)
  const kept = least === greatest ? [least] : [least, greatest]
  for (const value of values) if (kept.every((other) => fits(value, other))) kept.push(value)
  return kept.sort((a, b) => a - b)
}

const MOST_TICKS = 6

export function yTicks({ isLog, domain }: YScale): number[] {
  const [low, high] = domain
  if (!isLog) return linearTicks(low, high)
  const decades = Math.log10(high / low)
  const steps = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5]
  const first = Math.floor(Math.log10(low))
  const powers = Array.from({ length: Math.ceil(decades) + 2 }, (_, index) => 10 ** (first + index))
  return powers
    .flatMap((power) => steps.map((step) => Number((step * power).toPrecision(3))))
    .filter((tick) => tick >= low && tick <= high)
}

function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / MOST_TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough)!
  const first = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}

/** Lines of a label that is too long for one. */
export function wrapped(text: string, width: number): string[] {
  const most = Math.max(8, Math.floor(width / TEXT_PX))
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= most)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
