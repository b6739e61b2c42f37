/** Where the star is saturated: read off a sweep of sizes, beside where theory has it. */
import type { PlannedCell } from './experiment.ts'
import { ONE_EACH } from './predictions.ts'
import type { CellResult } from './results.ts'
import { saturation } from './theory/closed-queue.ts'
import { readSaturation } from './theory/saturation-point.ts'

/** Sizes that make a sweep. */
const SWEEP = 3

/** A sentence for every sweep of sizes under a star that begins with one worker. */
export function saturationNotes(
  cells: readonly PlannedCell[],
  results: readonly CellResult[],
): readonly string[] {
  const sweeps = new Map<string, { readonly cell: PlannedCell; readonly result: CellResult }[]>()
  for (const [index, cell] of cells.entries()) {
    const { topology, placement, faults, varied, experiment } = cell
    const { hub, graph, arrivals, review, shared } = experiment.job
    const isSweep =
      topology === 'star' && ONE_EACH.has(placement) && faults === 'none' && review === null && hub.mean > 0
    if (!isSweep || shared !== null || graph.shape !== 'independent' || arrivals.kind !== 'at-once') continue
    const key = JSON.stringify([placement, varied])
    const sweep = sweeps.get(key) ?? []
    sweeps.set(key, sweep)
    sweep.push({ cell, result: results[index]! })
  }
  return [...sweeps.values()].flatMap((sweep) => {
    const points = sweep.flatMap(({ cell, result }) => {
      const throughput = result.estimates.steadyThroughput?.mean
      return throughput === undefined ? [] : [{ customers: cell.size, throughput }]
    })
    if (points.length < SWEEP || !points.some(({ customers }) => customers === 1)) return []
    const { varied, experiment } = sweep[0]!.cell
    const { hub, service } = experiment.job
    const theory = saturation({ demand: hub.mean / 1_000, think: service.mean / 1_000 })
    const { customers, reached } = readSaturation(points)
    const where = Object.entries(varied).map(([path, value]) => `${path} = ${value}`)
    const under = where.length === 0 ? '' : ` (${where.join(', ')})`
    const off = ((customers - theory) / theory) * 100
    return reached
      ? [
          `The star${under} is saturated by ${customers.toFixed(1)} workers, as measured; theory says N* = (D + Z) / D = ${theory.toFixed(1)}, so the measurement is ${Math.abs(off).toFixed(1)} % ${off < 0 ? 'below' : 'above'} it.`,
        ]
      : [
          `The sizes of the star${under} do not go far enough beyond N* = (D + Z) / D = ${theory.toFixed(1)} to show where it is saturated: measure ${Math.ceil(2 * theory)} workers or more.`,
        ]
  })
}
