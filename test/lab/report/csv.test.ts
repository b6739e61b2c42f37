import { describe, expect, it } from 'vitest'
import { cellsCsv, resultsJson, samplesCsv } from '../../../lab/report/csv.ts'
import type { Results, Sample } from '../../../lab/results.ts'
import { madeUp } from './made-up-results.ts'

/** RFC 4180, written from its grammar. */
function parsed(csv: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
  const records: string[][] = [[]]
  while (field.lastIndex < csv.length) {
    const found = field.exec(csv)
    if (found === null) throw new Error('no field where one has to be')
    records.at(-1)!.push(found[1]?.replaceAll('""', '"') ?? found[2]!)
    if (found[3] === '\r\n') records.push([])
  }
  return records.slice(0, -1)
}

function linesOf(csv: string): Record<string, string>[] {
  const [head, ...records] = parsed(csv)
  return records.map((record) => {
    expect(record).toHaveLength(head!.length)
    return Object.fromEntries(head!.map((name, index) => [name, record[index]!]))
  })
}

const NASTY = 'a "mesh",\r\nof =3 parts; \n'

describe('the CSV of cells', () => {
  const { results } = madeUp({ sizes: [2, 16], hubSeconds: [0.2, 0.4], seeds: 5 })
  const lines = linesOf(cellsCsv(results))

  it('has a line for each cell and metric', () => {
    const keys = lines.map(({ cell, metric }) => `${cell} ${metric}`)
    const wanted = results.cells.flatMap(({ id }) =>
      Object.keys(results.metrics).map((name) => `${id} ${name}`),
    )
    expect(keys).toEqual(wanted)
  })

  it('gives back each number as it was, with all predictions of it', () => {
    const cell = results.cells.find(({ id }) => id === 'star/hub/16/none/0.4')!
    const line = lines.find((one) => one.cell === cell.id && one.metric === 'throughput')!
    const { mean, low, high } = cell.estimates.throughput!
    expect([line.mean, line.low, line.high].map(Number)).toEqual([mean, low, high])
    const [queue, asymptotes] = cell.predictions.throughput!
    expect([line.model_1, Number(line.prediction_1), Number(line.residual_1)]).toEqual(Object.values(queue!))
    expect([line.model_2, Number(line.prediction_2), Number(line.residual_2)]).toEqual(
      Object.values(asymptotes!),
    )
    expect(line).toMatchObject({
      count: '5',
      confidence: '0.95',
      unit: 'tasks/s',
      'varied.job.hub.mean': '0.4',
    })
  })

  it('leaves empty what is not known', () => {
    const [cell] = results.cells
    const unknown = { mean: Number.NaN, low: Number.NaN, high: Number.POSITIVE_INFINITY, count: 0 }
    const predictions = { makespan: [{ model: 'none', value: 0, residual: null }] }
    const bare = { ...results, cells: [{ ...cell!, estimates: { makespan: unknown }, predictions }] }
    const [line, ...others] = linesOf(cellsCsv(bare))
    expect(others).toEqual([])
    expect(line).toMatchObject({ mean: '', low: '', high: '', count: '0', prediction_1: '0', residual_1: '' })
  })

  it('keeps commas, quotes and line ends in names', () => {
    const [cell] = results.cells
    const nasty: Results = {
      ...results,
      cells: [{ ...cell!, topology: NASTY, id: NASTY, varied: { [NASTY]: NASTY } }],
    }
    const [line] = linesOf(cellsCsv(nasty))
    expect(line).toMatchObject({ cell: NASTY, topology: NASTY, [`varied.${NASTY}`]: NASTY })
  })
})

describe('the CSV of samples', () => {
  it('has a line for each run and metric, and one for a run of which nothing was measured', () => {
    const samples: Sample[] = [
      { cell: 'star/2', seed: 1, outcome: 'completed', metrics: { makespan: 0.1 + 0.2, [NASTY]: -1e-9 } },
      { cell: 'star/2', seed: 2, outcome: 'exhausted', metrics: {} },
    ]
    expect(parsed(samplesCsv(samples))).toEqual([
      ['cell', 'seed', 'outcome', 'metric', 'value'],
      ['star/2', '1', 'completed', 'makespan', '0.30000000000000004'],
      ['star/2', '1', 'completed', NASTY, '-1e-9'],
      ['star/2', '2', 'exhausted', '', ''],
    ])
  })
})

it('gives the results back from their JSON', () => {
  const { results } = madeUp({ sizes: [2], seeds: 3 })
  expect(JSON.parse(resultsJson(results))).toEqual(results)
})
