import { describe, expect, it } from 'vitest'
import { differenceOf, liesApart } from '../../../lab/report/difference.ts'
import { crossingsIn, leadsIn, type Point, shareApart } from '../../../lab/report/standings.ts'

const about = (mean: number, half = 0.5) => ({ mean, low: mean - half, high: mean + half, count: 30 })

/** The means of each line at 1, 2, 4, 8 and so on. */
const points = (lines: readonly (readonly number[])[], half?: number): Point[] =>
  lines[0]!.map((_, index) => ({
    x: 2 ** index,
    measured: lines.map((means, series) => ({ series, estimate: about(means[index]!, half) })),
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
    expect(leadsIn([{ x: 1, measured: [{ series: 0, estimate: about(1) }] }], 'less')).toEqual([])
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
    const one = { mean: 10, low: 7, high: 11, count: 30 }
    const other = { mean: 4, low: 1, high: 8, count: 30 }
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
    const lone = { ...about(4, 0), count: 1 }
    expect(liesApart(lone, { ...about(8, 0), count: 1 })).toBe(false)
    expect(liesApart(about(8, 1), lone)).toBe(false)
  })
})

it('counts the pairs that lie apart', () => {
  expect(
    shareApart(
      points([
        [1, 5],
        [5, 5],
        [9, 9],
      ]),
    ),
  ).toBe(5 / 6)
  expect(shareApart([])).toBe(0)
})
