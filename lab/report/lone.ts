/**
 * A line that was measured at one point of x while others run along it: the single agent, beside topologies of many
 * peers. It is compared with each point of the others, since more peers are what they have over it.
 */
import { liesApart } from './difference.ts'
import type { Measured, Point } from './standings.ts'

export type Stretch = {
  readonly from: number
  readonly to: number
  /** By which share of the lone one it differs, at the least and at the most. Not finite where that one is 0. */
  readonly share: readonly [least: number, most: number]
}

export type Lone = Measured & {
  readonly x: number
  readonly against: readonly {
    readonly series: number
    /** Where that line can be told from the lone one, on its better and on its worse side. */
    readonly better: readonly Stretch[]
    readonly worse: readonly Stretch[]
  }[]
}

export function lonesIn(points: readonly Point[], better: 'less' | 'more'): Lone[] {
  const along = new Map<number, (Measured & { x: number })[]>()
  for (const { x, measured } of points)
    for (const one of measured) along.set(one.series, [...(along.get(one.series) ?? []), { ...one, x }])
  const longer = [...along].filter(([, line]) => line.length > 1)
  return [...along].flatMap(([series, line]) => {
    const [at, ...more] = line
    if (at === undefined || more.length > 0 || longer.length === 0) return []
    const sideOf = (one: Measured) => {
      if (!liesApart(one, at)) return 'neither'
      return one.estimate.mean < at.estimate.mean === (better === 'less') ? 'better' : 'worse'
    }
    const shareOf = (one: Measured) =>
      Math.abs(one.estimate.mean - at.estimate.mean) / Math.abs(at.estimate.mean)
    const against = longer.map(([other, theirs]) => {
      const sides = theirs.map((one) => ({ x: one.x, side: sideOf(one), share: shareOf(one) }))
      return { series: other, better: stretches(sides, 'better'), worse: stretches(sides, 'worse') }
    })
    return [{ series, x: at.x, estimate: at.estimate, against }]
  })
}

type At<Side> = { readonly x: number; readonly side: Side; readonly share: number }

function stretches<Side>(along: readonly At<Side>[], wanted: Side): Stretch[] {
  const found: Stretch[] = []
  for (const [index, { x, side, share }] of along.entries()) {
    if (side !== wanted) continue
    const before = index > 0 && along[index - 1]!.side === wanted ? found.pop() : undefined
    const [least, most] = before?.share ?? [share, share]
    found.push({ from: before?.from ?? x, to: x, share: [Math.min(least, share), Math.max(most, share)] })
  }
  return found
}
