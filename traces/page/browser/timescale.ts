/** The part of the run that is to be seen, where a time lies in it, and an axis that people drag over to see less. */
import { roundDuration } from '../../read/duration.ts'
import { html, place } from './elements.ts'

/** Room for the longest name of a time. */
const LABEL_PX = 52

export type Timescale = {
  readonly from: number
  readonly to: number
  /** Percent of the way from left to right. */
  percent(ms: number): number
}

/** Less than this is not shown as a whole axis: hundredths of a millisecond are noise. */
const LEAST_MS = 0.05

export function timescale(from: number, to: number): Timescale {
  const length = Math.max(LEAST_MS, to - from)
  return { from, to: from + length, percent: (ms) => ((ms - from) / length) * 100 }
}

/** Times an axis names: some `wanted` of them, at round distances. */
export function ticksOf({ from, to }: Timescale, wanted: number): number[] {
  const step = roundStep((to - from) / wanted)
  const first = Math.ceil(from / step)
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step)
}

/** Milliseconds; above a second such as clocks have. */
function roundStep(least: number): number {
  const clock = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400]
  if (least > 1_000) {
    const found = clock.find((seconds) => seconds * 1_000 >= least)
    if (found !== undefined) return found * 1_000
  }
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5].find((digit) => digit * power >= least) ?? 10) * power
}

export type AxisOptions = {
  scale(): Timescale
  zoom(from: number, to: number): void
  zoomOut(): void
}

export function createAxis({ scale, zoom, zoomOut }: AxisOptions) {
  const element = html('div', {
    class: 'axis',
    title: 'Drag to see a part of the run, double-click to see all',
  })
  const picked = html('div', { class: 'picked', hidden: true })
  let start: number | undefined

  const shareAt = (x: number) => {
    const { left, width } = element.getBoundingClientRect()
    return Math.min(1, Math.max(0, (x - left) / width))
  }
  element.addEventListener('pointerdown', (event) => {
    start = shareAt(event.clientX)
    element.setPointerCapture(event.pointerId)
  })
  element.addEventListener('pointermove', (event) => {
    if (start === undefined) return
    const end = shareAt(event.clientX)
    picked.hidden = false
    place(picked, Math.min(start, end) * 100, Math.abs(end - start) * 100)
  })
  element.addEventListener('pointerup', (event) => {
    if (start === undefined) return
    const [a, b] = [start, shareAt(event.clientX)].sort((one, other) => one - other) as [number, number]
    const { from, to } = scale()
    start = undefined
    picked.hidden = true
    if (b - a > 0.005) zoom(from + a * (to - from), from + b * (to - from))
  })
  element.addEventListener('dblclick', zoomOut)

  return {
    element,
    refresh() {
      const now = scale()
      const { clientWidth } = element
      const room = 100 - (LABEL_PX / Math.max(1, clientWidth)) * 100
      const ticks = ticksOf(now, Math.max(2, clientWidth / 110))
        .filter((tick) => now.percent(tick) < room)
        .map((tick) => place(html('span', {}, tick === 0 ? '0' : roundDuration(tick)), now.percent(tick)))
      element.replaceChildren(...ticks, picked)
    },
  }
}
