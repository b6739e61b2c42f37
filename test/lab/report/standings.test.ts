import { describe, expect, it } from 'vitest'
import { differenceOf, liesApart, pairedRuns } from '../../../lab/report/difference.ts'
import { crossingsIn, isAnyApart, leadsIn, type Point } from '../../../lab/report/standings.ts'

const about = (mean: number, half = 0.5) => ({
  estimate: { mean, low: mean - half, high: mean + half, count: 30 },
})

/** The means of each line at 1, 2, 4, 8 and so on. */
const points = (lines: readonly (readonly number[])[], half?: number): Point[] =>
  lines[0]!.map((_, index) => ({
    x: 2 ** index,
    measured: lines.map((means, series) => ({ series, ...about(means[index]!, half) })),
  }))

describe('who is ahead', () => {
  it('is one where its interval lies apart from all others, and its lead is over the next', () => {
    const [lead, ...more] = leadsIn(
      points([
        [5, 5],
        [9, 9],
        [7, 8],
      ]),
      'less',
    )
    expect(more).toEqual([])
    expect(lead).toMatchObject({
      from: 1,
      to: 2,
      leaders: [0],
      ahead: { of: 2, by: { value: -3 }, share: -3 / 8 },
    })
  })

  it('is the greatest where more is better', () => {
    expect(leadsIn(points([[5], [9]]), 'more')).toMatchObject([{ leaders: [1] }])
  })

  it('is nobody alone where intervals overlap, were it in one point', () => {
    const [lead] = leadsIn(points([[5], [6], [9]], 0.5), 'less')
    expect(lead).toMatchObject({ leaders: [0, 1], among: 3 })
    expect(lead!.ahead).toBeUndefined()
  })

  it('is not said where one line was measured alone', () => {
    expect(leadsIn([{ x: 1, measured: [{ series: 0, ...about(1) }] }], 'less')).toEqual([])
  })

  it('is told by stretches, those where it cannot be told as one', () => {
    const leads = leadsIn(
      points([
        [1, 5, 5, 9],
        [4, 5, 9, 5],
        [9, 9, 5, 1],
      ]),
      'less',
    )
    expect(leads.map(({ from, to, leaders }) => ({ from, to, leaders: [...leaders].sort() }))).toEqual([
      { from: 1, to: 1, leaders: [0] },
      { from: 2, to: 4, leaders: [0, 1, 2] },
      { from: 8, to: 8, leaders: [2] },
    ])
  })
})

describe('where lines change places', () => {
  it('is between the last point where one lies apart and the first where the other does', () => {
    const crossings = crossingsIn(
      points([
        [1, 4.8, 5.2, 9],
        [5, 5, 5, 5],
      ]),
      false,
    )
    expect(crossings).toEqual([{ before: 0, after: 1, from: 1, to: 8, near: expect.closeTo(3) }])
  })

  it('is nowhere while intervals overlap on one side', () => {
    expect(
      crossingsIn(
        points([
          [1, 4.8, 5.2, 5.5],
          [5, 5, 5, 5],
        ]),
        false,
      ),
    ).toEqual([])
  })

  it('lies between points by their ratio on a logarithmic axis', () => {
    const [crossing] = crossingsIn(
      points([
        [1, 1, 9],
        [5, 5, 5],
      ]),
      true,
    )
    expect(crossing).toMatchObject({ from: 2, to: 4, near: expect.closeTo(Math.SQRT2 * 2) })
  })
})

describe('a difference of two means', () => {
  it('has the interval of Zou and Donner, from each end of both', () => {
    const one = { estimate: { mean: 10, low: 7, high: 11, count: 30 } }
    const other = { estimate: { mean: 4, low: 1, high: 8, count: 30 } }
    expect(differenceOf(one, other)).toEqual({
      value: 6,
      low: 6 - 5,
      high: expect.closeTo(6 + Math.sqrt(10)),
    })
  })

  it('leaves out 0 wherever intervals lie apart', () => {
    for (const half of [0.1, 1, 1.9, 1.999]) {
      const [one, other] = [about(4, half), about(8, half)]
      expect(liesApart(one, other)).toBe(true)
      expect(differenceOf(one, other).high).toBeLessThan(0)
    }
    expect(liesApart(about(4, 2), about(8, 2))).toBe(false)
  })

  it('is not seen from one run', () => {
    const once = (mean: number) => ({ estimate: { ...about(mean, 0).estimate, count: 1 } })
    const lone = once(4)
    expect(liesApart(lone, once(8))).toBe(false)
    expect(liesApart(about(8, 1), lone)).toBe(false)
  })
})

describe('runs with the same seeds', () => {
  /** One value for each seed, from 1 on. */
  const measured = (...values: readonly number[]) => {
    const runs = pairedRuns(new Map(values.map((value, index) => [index + 1, value])), 0.95)
    return { ...about(values.reduce((sum, value) => sum + value, 0) / values.length, 30), runs }
  }
  const luck = [310, 340, 365, 402, 290, 333, 351, 378]
  const base = measured(...luck)

  it('are told apart by what differs in each pair, were their bands the same', () => {
    const longer = measured(...luck.map((seconds, index) => seconds + 2 + (index % 3)))
    expect(liesApart(longer, base)).toBe(true)
    const { value, low, high } = differenceOf(longer, base)
    expect(value).toBeCloseTo(2.875)
    expect([low > 2, high < 4]).toEqual([true, true])
    expect(
      leadsIn(
        [
          {
            x: 1,
            measured: [
              { series: 0, ...longer },
              { series: 1, ...base },
            ],
          },
        ],
        'less',
      ),
    ).toMatchObject([{ leaders: [1], ahead: { of: 0 } }])
  })

  it('are not told apart where one pair differs as another does not', () => {
    const mixed = measured(...luck.map((seconds, index) => seconds + (index % 2 === 0 ? 9 : -8)))
    expect(liesApart(mixed, base)).toBe(false)
  })

  it('are alike where they differ by what arithmetic loses', () => {
    expect(liesApart(measured(...luck.map((seconds) => seconds * (1 + Number.EPSILON * 2))), base)).toBe(
      false,
    )
  })

  it('are compared by their intervals where a run has no pair', () => {
    const fewer = measured(...luck.slice(1).map((seconds) => seconds + 3))
    const { value } = differenceOf(fewer, base)
    expect(value).toBe(fewer.estimate.mean - base.estimate.mean)
    expect(liesApart(fewer, base)).toBe(false)
  })
})

it('knows whether anything can be told apart', () => {
  const lines = (last: number) =>
    points([
      [5, 5],
      [5, last],
    ])
  expect(isAnyApart(lines(9))).toBe(true)
  expect(isAnyApart(lines(5.5))).toBe(false)
  expect(isAnyApart([])).toBe(false)
})
