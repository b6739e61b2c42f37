import { describe, expect, it } from 'vitest'
import { layoutOf } from '../../../lab/report/series.ts'
import { tellingOrder } from '../../../lab/report/telling.ts'
import { endingSentences, findingsOf, fitSentences } from '../../../lab/report/words.ts'
import type { Estimate, Prediction, Results } from '../../../lab/results.ts'
import { madeUp } from './made-up-results.ts'

const about = (mean: number, half = 0.5): Estimate => ({
  mean,
  low: mean - half,
  high: mean + half,
  count: 30,
})

/** The makespan of each topology at 2, 4, 8 and so on. */
function resultsOf(
  makespans: Readonly<Record<string, readonly Estimate[]>>,
  better: 'less' | 'more' | null = 'less',
): Results {
  const { results } = madeUp({ seeds: 2, sizes: [2], topologies: ['star'] })
  const cells = Object.entries(makespans).flatMap(([topology, estimates]) =>
    estimates.map((makespan, index) => ({
      ...results.cells[0]!,
      ...{ id: `${topology}/${index}`, topology, size: 2 ** (index + 1), outcomes: { completed: 30 } },
      ...{ estimates: { makespan }, predictions: {} },
    })),
  )
  const metrics = { makespan: { label: 'makespan', unit: 's', better, definition: '' } }
  return { ...results, metrics, cells }
}

const told = (results: Results) =>
  findingsOf(results, layoutOf(results), 'makespan').flatMap(({ sentences }) =>
    sentences.map((sentence) => sentence.replaceAll('\u00a0', ' ')),
  )

describe('the words of a report', () => {
  it('tell of runs with the same seeds by their differences', () => {
    const { results, samples } = madeUp({ topologies: ['star', 'mesh'], sizes: [4], seeds: 12 })
    // Mesh has the luck of star, and half a second more in each run.
    const alike = samples.map((sample) => {
      const twin = samples.find(({ cell, seed }) => cell.startsWith('star') && seed === sample.seed)!
      const isStar = sample === twin
      return { ...sample, metrics: { makespan: twin.metrics.makespan! + (isStar ? 0 : 0.5) } }
    })
    const cells = results.cells.map((cell) => ({ ...cell, estimates: { makespan: about(20, 5) } }))
    const said = (paired: typeof alike) =>
      findingsOf({ ...results, cells }, layoutOf({ ...results, cells }, paired), 'makespan')[0]!.sentences
    expect(said([])).toEqual([expect.stringMatching(/^No difference can be told/)])
    expect(said(alike)).toEqual([
      expect.stringMatching(/^star is best: .* less than mesh, the next \(the same with every seed\)\.$/),
    ])
  })

  it('say who is best where, by how much, and where lines change places', () => {
    const star = [about(10), about(10), about(20), about(40)]
    const mesh = [about(14), about(12), about(12), about(8)]
    expect(told(resultsOf({ star, mesh }))).toEqual([
      'With 2 to 4 peers, star is best: 10 s with 4 peers, 2.0 s or 17 % less than mesh, the next (95 % interval 1.3 to 2.7).',
      'With 8 to 16 peers, mesh is best: 8 s with 16 peers, 32.0 s or 80 % less than star, the next (95 % interval 31.3 to 32.7).',
      'star and mesh change places: up to 4 peers star has the lower makespan, from 8 peers on mesh; the means cross near 4.8 peers.',
    ])
  })

  it('claim no difference where all intervals overlap', () => {
    const overlapping = [about(10, 3), about(12, 3), about(16, 3)]
    const results = resultsOf({ star: overlapping, mesh: overlapping.map(({ mean }) => about(mean + 5, 3)) })
    expect(told(results)).toEqual([
      'No difference can be told: wherever lines are compared, what lies between them may be chance.',
    ])
  })

  it('claim no difference between single runs', () => {
    const once = (mean: number) => ({ ...about(mean, 0), count: 1 })
    const results = resultsOf({ star: [once(10)], mesh: [once(30)] })
    expect(told(results)).toEqual(['No difference can be told: there is one run of each.'])
  })

  it('name those among whom the best cannot be told, and nobody as best', () => {
    const results = resultsOf({ star: [about(10, 2)], mesh: [about(11, 2)], ring: [about(30, 2)] })
    expect(told(results)).toEqual([
      'Which of star and mesh is best cannot be told: what lies between them may be chance.',
    ])
  })

  it.each([1, 2, 3, 4, 5])(
    'never call best what overlaps, nor let overlapping lines cross (seed %i)',
    (seed) => {
      const { results } = madeUp({ seed, seeds: 4, faults: ['none', 'hub'] })
      const layout = layoutOf(results)
      for (const metric of Object.keys(results.metrics))
        for (const { panel, sentences } of findingsOf(results, layout, metric))
          for (const sentence of sentences) {
            const best = /^With (\d+)(?: to (\d+))? peers?, (\w+) is best:/.exec(sentence)
            if (best === null) continue
            const { cells } = layout.panels.find(({ title }) => title === panel)!
            const [, from, to = from, name] = best
            for (const { cell, x } of cells.filter((one) => one.x >= Number(from) && one.x <= Number(to))) {
              const mine = cells.find((one) => one.x === x && one.cell.topology === name)!.cell.estimates[
                metric
              ]!
              const other = cell.estimates[metric]!
              if (cell.topology !== name) expect(mine.low > other.high || mine.high < other.low).toBe(true)
            }
          }
    },
  )

  it('call nothing best of which neither more nor less is better', () => {
    expect(told(resultsOf({ star: [about(10), about(10)], mesh: [about(20), about(2)] }, null))).toEqual([
      'star and mesh change places: up to 2 peers star has the lower makespan, from 4 peers on mesh; the means cross near 3.11 peers.',
    ])
  })

  it('compare a line that was measured at one point with each point of the others', () => {
    const [solo, ...others] = resultsOf({ solo: [about(10)], star: [about(14), about(10), about(2)] }).cells
    const results = { ...resultsOf({ ring: [about(10.1)] }), cells: [{ ...solo!, size: 1 }, ...others] }
    expect(told(results)).toEqual([
      'Against solo with 1 peer (10 s): star is better with 8 peers (by 80 %) and worse with 2 peers (by 40 %).',
    ])
    const alone = { ...solo!, size: 1, estimates: { makespan: about(0, 0.1) } }
    expect(told({ ...results, cells: [alone, others[0]!, others[1]!] })).toEqual([
      'Against solo with 1 peer (0 s): star is worse with 2 to 4 peers.',
    ])
    const steps = [about(14), about(12)].map((makespan, index) => ({
      ...{ ...others[index]!, estimates: { makespan } },
    }))
    expect(told({ ...results, cells: [{ ...solo!, size: 1 }, ...steps] })).toEqual([
      'Against solo with 1 peer (10 s): star is worse with 2 to 4 peers (by 20 % to 40 %).',
    ])
    const alike = others.map((cell) => ({ ...cell, estimates: { makespan: about(10.2) } }))
    expect(told({ ...results, cells: [{ ...solo!, size: 1 }, ...alike] })).toEqual([
      'Against solo with 1 peer (10 s): star cannot be told from it.',
    ])
  })

  it('say how runs ended, and of whom those were that did not complete', () => {
    const { results } = madeUp({ faults: ['none', 'hub'], sizes: [4], seeds: 30 })
    const [sentence] = endingSentences(results, layoutOf(results))
    expect(sentence).toMatch(/^\d of 240 runs did not complete: \d of 30 of star \(faults: hub\)\.$/)
    const all = resultsOf({ star: [about(1)], mesh: [about(1)] })
    expect(endingSentences(all, layoutOf(all))).toEqual(['All 60 runs completed.'])
  })

  it('say how near theory came', () => {
    const results = resultsOf({ star: [about(10), about(12)] })
    const predictions = [9.8, 10].map((value): Prediction => ({ model: 'M/G/1', value, residual: 0 }))
    const cells = results.cells.map((cell, index) => {
      const { value } = predictions[index]!
      const residual = (cell.estimates.makespan!.mean - value) / value
      return { ...cell, predictions: { makespan: [{ ...predictions[index]!, residual }] } }
    })
    const [sentence] = fitSentences({ ...results, cells }, layoutOf({ ...results, cells }))
    expect(sentence!.replaceAll('\u00a0', ' ')).toBe(
      'M/G/1 predicts makespan inside the interval in 1 of 2 cells; half of the residuals are within 11 %, the farthest is 20 % (star, 4 peers).',
    )
  })
})

it('tells first of metrics in which lines change places, and last of those that tell nothing apart', () => {
  const { results } = madeUp()
  const order = tellingOrder(results, layoutOf(results))
  expect(new Set(order)).toEqual(new Set(Object.keys(results.metrics)))
  expect(order[0]).toBe('throughput')
  expect(order.indexOf('makespan')).toBeLessThan(order.indexOf('hops'))
})

it('tells of what follows another metric after those that say something else', () => {
  const { results } = madeUp({ topologies: ['star', 'mesh'], sizes: [64, 128] })
  const order = (follows?: string) => {
    const { throughput, ...others } = results.metrics
    const metrics = { throughput: { ...throughput!, ...(follows && { follows }) }, ...others }
    return tellingOrder({ ...results, metrics }, layoutOf(results))
  }
  expect(order()[0]).toBe('throughput')
  expect(order('makespan').slice(0, 4)).toEqual([
    ...['makespan', 'messagesPerTask', 'tokensPerTask', 'throughput'],
  ])
})
