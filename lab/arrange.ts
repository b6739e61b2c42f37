/** From a job and a seed to the plan of one run. */
import { stageRole, WORKER_ROLE } from './agents/worker.ts'
import { createDraws, type Draws } from './draws.ts'
import { nodesOf } from './graphs.ts'
import type { SimulatedJob } from './job.ts'
import type { Plan } from './plan.ts'

export function planOf(job: SimulatedJob, seed: number): Plan {
  const nodes = nodesOf(job.graph)
  const feeds = new Map<string, string[]>(nodes.map(({ name }) => [name, []]))
  for (const { name, needs } of nodes) for (const need of needs) feeds.get(need)!.push(name)
  const draws = createDraws(seed)
  const arrivals = arrivalsOf(job, draws, nodes.length)
  return {
    tasks: nodes.map(({ name, needs, stage }, index) => ({
      ...{ name, needs, feeds: feeds.get(name)!, atMs: arrivals[index]! },
      role: stage === undefined ? WORKER_ROLE : stageRole(stage),
      service: stage === undefined ? undefined : stageService(job, stage),
      entry: job.shared === null ? undefined : entryOf(draws, name, job.shared.keys),
    })),
    rounds: job.review?.rounds ?? null,
  }
}

const entryOf = (draws: Draws, task: string, keys: number): string =>
  `entry-${Math.floor(draws.share(`entry ${task}`) * keys)}`

const stageService = ({ graph }: SimulatedJob, stage: number) =>
  graph.shape === 'pipeline' ? graph.stages[stage - 1]!.service : undefined

function arrivalsOf({ arrivals }: SimulatedJob, draws: Draws, count: number): readonly number[] {
  if (arrivals.kind === 'at-once') return Array.from({ length: count }, () => 0)
  const mean = 1_000 / arrivals.perSecond
  let at = 0
  return Array.from({ length: count }, (_, index) => {
    at += draws.of(`arrival ${index}`, { mean, c2: 1 })
    return Math.round(at)
  })
}
