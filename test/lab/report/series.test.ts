import { describe, expect, it } from 'vitest'
import { layoutOf } from '../../../lab/report/series.ts'
import { type MadeUpOptions, madeUp } from './made-up-results.ts'

const layout = (options: MadeUpOptions) => layoutOf(madeUp({ seeds: 2, ...options }).results)

describe('the layout of a report', () => {
  it('has a line a topology, along the sizes, logarithmic beyond a decade', () => {
    const { series, x, panels } = layout({ sizes: [64, 2, 8] })
    expect(series.map(({ name }) => name)).toEqual(['star', 'mesh', 'solo', 'ring'])
    expect(x).toMatchObject({ key: 'size', unit: 'peers that work', values: [2, 8, 64], isLog: true })
    expect(panels.map(({ title }) => title)).toEqual([''])
    expect(layout({ sizes: [2, 20] }).x).toMatchObject({ isLog: false })
  })

  it('names the placement of a line where a topology was run with several', () => {
    const { series } = layout({ topologies: ['mesh'], placements: ['any', 'auction'], sizes: [2] })
    expect(series.map(({ name }) => name)).toEqual(['mesh, any', 'mesh, auction'])
  })

  it('has a panel for each combination of what else was varied, sizes too where a parameter has more values', () => {
    const { x, panels } = layout({ sizes: [4, 8], hubSeconds: [0.1, 0.2, 0.4], faults: ['none', 'hub'] })
    expect(x).toMatchObject({ key: 'job.hub.mean', label: 'service time of the hub', unit: 's' })
    expect(panels.map(({ title }) => title)).toEqual([
      ...['size: 4 peers that work · faults: none', 'size: 4 peers that work · faults: hub'],
      ...['size: 8 peers that work · faults: none', 'size: 8 peers that work · faults: hub'],
    ])
  })

  it('sets topologies side by side where no number was varied', () => {
    expect(layout({ sizes: [16], faults: ['none', 'hub'] }).x).toEqual({ kind: 'series' })
  })

  it('loses no cell', () => {
    const { panels } = layout({ sizes: [4, 8], placements: ['any', 'auction'], faults: ['none', 'hub'] })
    const cells = panels.flatMap((panel) => panel.cells.map(({ cell }) => cell.id))
    expect(new Set(cells).size).toBe(4 * 2 * 2 * 2)
  })
})
