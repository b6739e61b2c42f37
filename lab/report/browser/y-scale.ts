/** The scale of y: from 0, or logarithmic where what is drawn is positive and spans too much to be seen on a line. */
import type { DrawnPanel } from '../figures.ts'

export type YScale = { readonly isLog: boolean; readonly domain: readonly [number, number] }

const LOG_FROM = 50
/** A prediction near saturation grows beyond all bounds; what is measured decides how much of it is shown. */
const THEORY_SHOWN = 1.25
/** Percent: residuals below this look as small as they are. */
const LEAST_RESIDUAL = 12

export function yScaleOf(
  panels: readonly DrawnPanel[],
  hidden: ReadonlySet<number>,
  isResidual: boolean,
): YScale {
  const isShown = ({ series }: { series: number }) => !hidden.has(series)
  const marks = panels.flatMap((panel) => panel.marks.filter(isShown))
  const theory = panels.flatMap((panel) => panel.theory.filter(isShown)).map(({ y }) => y)
  const [least, greatest] = [
    Math.min(...marks.map(({ low }) => low)),
    Math.max(...marks.map(({ high }) => high)),
  ]
  if (marks.length === 0) return { isLog: false, domain: [0, 1] }
  if (isResidual) {
    const far = Math.max(LEAST_RESIDUAL, Math.abs(least), Math.abs(greatest))
    return { isLog: false, domain: [-far * 1.05, far * 1.05] }
  }
  const isLog = least > 0 && greatest / least > LOG_FROM
  const near = theory.filter((y) => y <= greatest * THEORY_SHOWN && (!isLog || y >= least / THEORY_SHOWN))
  const top = Math.max(greatest, ...near)
  if (isLog) return { isLog, domain: [Math.min(least, ...near) / 1.1, top * 1.1] }
  const bottom = Math.min(0, least, ...near)
  return { isLog, domain: [bottom, top === bottom ? bottom + 1 : top + (top - bottom) * 0.04] }
}
