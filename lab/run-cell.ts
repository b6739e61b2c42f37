/** One run: a cell and a seed in, a sample out. */
import { simulatedModel } from '../src/model/simulated.ts'
import type { Start } from '../src/run/submit-run.ts'
import { createMind, serviceMs } from './agents/mind.ts'
import { work } from './agents/work.ts'
import { planOf } from './arrange.ts'
import type { Costs } from './costs.ts'
import { crewOf } from './crew.ts'
import { createDraws, type Draws } from './draws.ts'
import { type AnyCell, isRealCell, type PlannedCell } from './experiment.ts'
import { type SimulatedJob, stagesOf } from './job.ts'
import { measure } from './metrics.ts'
import { createObserver } from './observer.ts'
import { finalsOf, type Plan } from './plan.ts'
import { runRealCell } from './real/run-cell.ts'
import type { Sample } from './results.ts'
import { jobBounds } from './theory/job-bounds.ts'
import { wired } from './wired.ts'
import { type Course, runWorld } from './world.ts'

/** A run from outside. */
export type Watched = { readonly sample: Sample; readonly entries: Course['entries'] }

/** @throws the reason of an aborted signal */
export const runCell = async (cell: AnyCell, seed: number, signal?: AbortSignal): Promise<Sample> =>
  isRealCell(cell) ? runRealCell(cell, seed, signal) : (await watchCell(cell, seed, signal)).sample

/** A simulated run, with what lies on its blackboard in the end. @throws the reason of an aborted signal */
export async function watchCell(cell: PlannedCell, seed: number, signal?: AbortSignal): Promise<Watched> {
  const calm = await runOnce(cell, seed, { signal })
  const { makespan } = calm.sample.metrics
  // Up to its crash the other run is the same: what differs afterwards, the crash has done.
  if (cell.faults === 'none' || makespan === undefined) return calm
  return runOnce(cell, seed, { signal, calm: makespan })
}

/** `calm`: the makespan without a crash, in seconds; nothing crashes unless it is given. */
type How = { readonly signal?: AbortSignal | undefined; readonly calm?: number }

async function runOnce(cell: PlannedCell, seed: number, { signal, calm }: How): Promise<Watched> {
  const { experiment, size, faults } = cell
  const { job, crash, lease, latency, deadline } = experiment
  const draws = createDraws(seed)
  const plan = planOf(job, seed)
  const topology = wired({ ...cell, stages: stagesOf(job), isReviewed: job.review !== null, seed })
  const { wiring } = topology
  const { posts, first } = crewOf({ wiring, plan, size, faults, draws, checkers: job.review?.peers ?? 0 })
  const start: Start = {
    ...{ role: first.name, body: {} },
    ...{ message: work.messages.job, answers: [work.messages.report] },
  }
  const costs = costsOf(job, plan)
  const mind = createMind(costs, draws)
  const observer = createObserver(finalsOf(plan))
  const { record, virtualMs, entries } = await runWorld(
    {
      ...{ seed, posts, start, topology, latencyMs: latency, leaseTtlMs: lease, deadlineMs: deadline },
      model: (clock) => simulatedModel({ clock, reply: mind }),
      crash:
        calm === undefined
          ? undefined
          : { atMs: Math.round(calm * 1_000 * crash.at), restartMs: crash.restart },
      onCommit: observer.commit,
      onPut: observer.put,
      onClaim: observer.claim,
      onCrash: observer.crashed,
    },
    signal,
  )
  const sample = {
    ...{ cell: cell.id, seed, outcome: record.outcome ?? 'stuck' },
    metrics: measure({
      ...{ seen: observer.seen(), tasks: plan.tasks.length, calm },
      endedMs: record.endedAt === null ? virtualMs : record.endedAt - record.startedAt,
      contextTokens: job.tokens.limit,
      arrivesAtOnce: job.arrivals.kind === 'at-once',
      leastSeconds: leastSeconds(plan, job, costs, draws, wiring === 'solo' ? 1 : size),
    }),
  }
  return { sample, entries }
}

function costsOf(job: SimulatedJob, { tasks }: Plan): Costs {
  const services = new Map(tasks.flatMap(({ name, service }) => (service ? [[name, service] as const] : [])))
  return { ...job, services }
}

/** With the times that the tasks take in this run. A review takes time of others as well. */
function leastSeconds(
  plan: Plan,
  job: SimulatedJob,
  costs: Costs,
  draws: Draws,
  workers: number,
): number | undefined {
  if (job.graph.shape === 'pipeline' && workers > 1) return undefined // not everybody does every task
  if (job.arrivals.kind !== 'at-once' || plan.rounds !== null) return undefined
  const tasks = plan.tasks.map(({ name, needs }) => ({
    ...{ name, needs },
    seconds: serviceMs(costs, draws, name, 0) / 1_000,
  }))
  return jobBounds(tasks, workers).low
}
