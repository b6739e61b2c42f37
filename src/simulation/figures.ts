/** What many simulations add up to. */
import { run as runProtocol } from '../../protocols/run.ts'
import type { ConversationRecord } from '../turn/record.ts'
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
  /** Sent by conversations, save for control. */
  readonly messages: number
  /** Sent only so that the end is known: `run.idle`. */
  readonly controls: number
  readonly controlsPerMessage: number
  /** From the last turn of anybody but the origin to the announcement of the end, in virtual milliseconds. */
  readonly detection: { readonly runs: number; readonly meanMs: number; readonly mostMs: number }
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  readonly outcomes: Readonly<Record<string, number>>
}

export const NO_FIGURES: Figures = {
  ...{ seeds: 0, virtualMs: 0, wallMs: 0, steps: 0, commits: 0, processes: 0, takeovers: 0 },
  ...{ messages: 0, controls: 0, controlsPerMessage: 0, detection: { runs: 0, meanMs: 0, mostMs: 0 } },
  ...{ faults: {}, outcomes: {} },
}

/** @param outcome what came of the run, in a word or two */
export function withSimulation(figures: Figures, run: Simulation, wallMs: number, outcome: string): Figures {
  const faults: Partial<Record<FaultKind, number>> = { ...figures.faults }
  const { messages, controls } = withSent(figures, run.journal)
  for (const { kind } of run.faults) faults[kind] = (faults[kind] ?? 0) + 1
  return {
    seeds: figures.seeds + 1,
    virtualMs: figures.virtualMs + run.virtualMs,
    wallMs: figures.wallMs + wallMs,
    steps: figures.steps + run.steps,
    commits: figures.commits + run.journal.length,
    processes: figures.processes + run.processes,
    takeovers: figures.takeovers + run.takeovers,
    ...{ messages, controls, controlsPerMessage: messages === 0 ? 0 : controls / messages },
    detection: withDetection(figures.detection, run.detectionMs),
    faults,
    outcomes: { ...figures.outcomes, [outcome]: (figures.outcomes[outcome] ?? 0) + 1 },
  }
}

const IDLE = runProtocol.messages.idle.type

/** Each counts once, however often its outbox was committed. */
function withSent({ messages, controls }: Figures, journal: readonly ConversationRecord[]) {
  const types = new Map(
    journal.flatMap(({ outbox }) => outbox.map(({ message }) => [message.id, message.type] as const)),
  )
  const idle = [...types.values()].filter((type) => type === IDLE).length
  return { messages: messages + types.size - idle, controls: controls + idle }
}

function withDetection(before: Figures['detection'], ms: number | undefined): Figures['detection'] {
  if (ms === undefined) return before
  const runs = before.runs + 1
  return {
    runs,
    meanMs: before.meanMs + (ms - before.meanMs) / runs,
    mostMs: Math.max(before.mostMs, ms),
  }
}
