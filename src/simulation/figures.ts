/** What many simulations add up to. */
import type { FaultKind } from './schedule.ts'
import type { Simulation } from './world.ts'

export type Figures = {
  readonly seeds: number
  readonly virtualMs: number
  readonly wallMs: number
  readonly steps: number
  readonly commits: number
  readonly processes: number
  readonly takeovers: number
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  readonly outcomes: Readonly<Record<string, number>>
}

export const NO_FIGURES: Figures = {
  ...{ seeds: 0, virtualMs: 0, wallMs: 0, steps: 0, commits: 0, processes: 0, takeovers: 0 },
  ...{ faults: {}, outcomes: {} },
}

/** @param outcome what came of the run, in a word or two */
export function withSimulation(figures: Figures, run: Simulation, wallMs: number, outcome: string): Figures {
  const faults: Partial<Record<FaultKind, number>> = { ...figures.faults }
  for (const { kind } of run.faults) faults[kind] = (faults[kind] ?? 0) + 1
  return {
    seeds: figures.seeds + 1,
    virtualMs: figures.virtualMs + run.virtualMs,
    wallMs: figures.wallMs + wallMs,
    steps: figures.steps + run.steps,
    commits: figures.commits + run.journal.length,
    processes: figures.processes + run.processes,
    takeovers: figures.takeovers + run.takeovers,
    faults,
    outcomes: { ...figures.outcomes, [outcome]: (figures.outcomes[outcome] ?? 0) + 1 },
  }
}
