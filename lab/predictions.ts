/**
 * What theory says of a cell, beside what was measured. It says something where its assumptions hold, and nothing where
 * they do not: a queue that breaks down, or a review in the way, is no closed queue any more.
 */

import { roleName } from '../protocols/ids.ts'
import type { OverlayData } from '../src/topology/overlay.ts'
import { isTopologyName, type Placement, topologyNamed } from '../src/topology/topology.ts'
import type { PlannedCell } from './experiment.ts'
import { type Node, nodesOf } from './graphs.ts'
import { stagesOf } from './job.ts'
import type { KnownMetric } from './metrics.ts'
import type { CellResult } from './results.ts'
import { closedQueue, deterministicThroughput, generalClosedQueue } from './theory/closed-queue.ts'
import { meshHops, randomGraphHops, rewiredSmallWorldHops, ringHops } from './theory/mean-hops.ts'
import { openQueue } from './theory/open-queue.ts'
import { pipelineMakespan, pipelineThroughput } from './theory/pipeline.ts'
import { prediction } from './theory/prediction.ts'
import {
  AGENTS_LIMIT,
  hotJobConflictsInStep,
  hotJobMakespan,
  jobConflicts,
  stickyConflicts,
} from './theory/shared-entries.ts'

/** A model, and what it says of a metric. */
type Foretold = { readonly metric: KnownMetric; readonly model: string; readonly value: number }

export function predictionsOf(
  cell: PlannedCell,
  estimates: CellResult['estimates'],
): CellResult['predictions'] {
  const ofTimes = () => [
    ...(meet(cell) ? [] : [...starQueue(cell), ...stages(cell)]),
    ...[...openWait(cell), ...allWork(cell), ...sharedEntries(cell)],
  ]
  const foretold = isPlain(cell) ? [...ways(cell), ...(isInstant(cell) ? ofTimes() : [])] : []
  const predictions: Record<string, CellResult['predictions'][string]> = {}
  for (const { metric, model, value } of foretold) {
    const measured = estimates[metric]?.mean
    if (measured === undefined || !Number.isFinite(value)) continue
    predictions[metric] = [...(predictions[metric] ?? []), prediction(model, value, measured)]
  }
  return predictions
}

/** Nothing breaks, and nothing is looked at. */
const isPlain = ({ experiment, faults }: PlannedCell): boolean =>
  faults === 'none' && experiment.job.review === null

/** Messages take no time. */
const isInstant = ({ experiment }: PlannedCell): boolean => experiment.latency === 0

/** Agents may think again, since others changed what they thought about: tasks take longer than their service time. */
const meet = ({ experiment: { job }, size }: PlannedCell): boolean =>
  job.shared !== null && (size > 1 || stagesOf(job) > 0)

/** Placements under which a worker has one task of the hub at a time. */
export const ONE_EACH: ReadonlySet<Placement> = new Set(['anybody', 'hub'])

/** Tasks for each worker with which there is work for all of them in the middle of a run. */
const PLENTY = 5

const seconds = (ms: number) => ms / 1_000

/** The hub of a star serves, in order, as many tasks as there are workers: while there is work for all of them. */
function starQueue({ experiment, topology, placement, size }: PlannedCell): Foretold[] {
  const { graph, hub, service, arrivals } = experiment.job
  if (topology !== 'star' || !ONE_EACH.has(placement) || hub.mean === 0) return []
  if (graph.shape !== 'independent' || arrivals.kind !== 'at-once') return []
  // At the end there is not work for all any more.
  if (nodesOf(graph).length < PLENTY * size) return []
  const star = { customers: size, demand: seconds(hub.mean), think: seconds(service.mean) }
  if (hub.c2 === 0 && service.c2 === 0)
    return [
      {
        metric: 'steadyThroughput',
        model: 'closed queue, constant times',
        value: deterministicThroughput(star),
      },
    ]
  const isExact = hub.c2 === 1
  const model = isExact ? 'closed queue (MVA)' : 'closed queue (MVA, corrected for C²)'
  const { throughput, utilisation, queue } = isExact
    ? closedQueue(star)
    : generalClosedQueue({ ...star, variation: hub.c2 })
  return [
    { metric: 'steadyThroughput', model, value: throughput },
    { metric: 'hubUtilisation', model, value: utilisation },
    { metric: 'hubQueue', model, value: queue - utilisation },
  ]
}

/** One worker to whom independent tasks come one by one. */
function openWait({ experiment, topology, size }: PlannedCell): Foretold[] {
  const { graph, service, arrivals } = experiment.job
  if (topology !== 'mesh' || size !== 1 || graph.shape !== 'independent') return []
  if (arrivals.kind !== 'poisson') return []
  const { wait } = openQueue({
    rate: arrivals.perSecond,
    service: seconds(service.mean),
    variation: service.c2,
  })
  return [{ metric: 'wait', model: 'M/G/1 (Pollaczek-Khinchine)', value: wait }]
}

/** One agent alone works all the time. So does one worker whose tasks need nobody but itself. */
function allWork({ experiment, topology, size }: PlannedCell): Foretold[] {
  const { graph, service, arrivals } = experiment.job
  const isAlone = topology === 'solo' || (topology === 'mesh' && size === 1)
  if (arrivals.kind !== 'at-once' || !isAlone) return []
  if (graph.shape === 'pipeline' && topology !== 'solo') return []
  const timeOf = ({ stage }: Node) =>
    graph.shape === 'pipeline' && stage !== undefined ? graph.stages[stage - 1]!.service.mean : service.mean
  const value = nodesOf(graph).reduce((sum, node) => sum + seconds(timeOf(node)), 0)
  return [{ metric: 'makespan', model: 'sum of all work', value }]
}

/** Peers that are never without work until the end, and think again where somebody else was faster. */
function sharedEntries({ experiment, topology, placement, size }: PlannedCell): Foretold[] {
  const { graph, service, shared, arrivals } = experiment.job
  if (shared === null || topology !== 'mesh' || placement !== 'anybody') return []
  if (graph.shape !== 'independent' || arrivals.kind !== 'at-once') return []
  const { tasks } = graph
  const job = { tasks, agents: size, entries: shared.keys, think: seconds(service.mean) }
  const isHot = shared.keys === 1
  if (service.c2 === 0)
    return !isHot || size === 1
      ? []
      : [
          {
            ...{ metric: 'boardConflicts', model: 'one hot entry, in step' },
            value: hotJobConflictsInStep(tasks, size),
          },
          { metric: 'makespan', model: 'one hot entry, in step', value: hotJobMakespan(job, 'constant') },
        ]
  if (service.c2 !== 1 || size === 1 || size > AGENTS_LIMIT) return []
  const model = isHot ? 'one hot entry (birthday problem)' : 'entries that agents stay with'
  const inTheMiddle: Foretold = {
    ...{ metric: 'steadyThroughput', model },
    value: stickyConflicts(job).throughput,
  }
  const ofAll: Foretold = { metric: 'makespan', model, value: hotJobMakespan(job, 'exponential') }
  return [
    { metric: 'boardConflicts', model, value: jobConflicts(job) },
    ...(tasks < PLENTY * size ? [] : [inTheMiddle]),
    ...(isHot ? [ofAll] : []),
  ]
}

/**
 * Workers that a hash picks may be any. A message between the starter and a worker goes between two different peers;
 * one between workers may stay where it is, which is one mailbox all the same.
 */
function ways({ experiment, topology, placement, size }: PlannedCell): Foretold[] {
  const { graph } = experiment.job
  if (graph.shape === 'pipeline' || placement !== 'hash' || size < 2 || !isTopologyName(topology)) return []
  const roles = [roleName('starter'), roleName('worker')]
  const hops = meanHops(topologyNamed(topology, { roles }).overlay, size + 1)
  if (hops === undefined) return []
  const nodes = nodesOf(graph)
  const needed = new Set(nodes.flatMap(({ needs }) => needs))
  const between = nodes.reduce((sum, { needs }) => sum + needs.length, 0)
  const withStarter = nodes.length + nodes.filter(({ name }) => !needed.has(name)).length
  const own = between / size
  const value = ((withStarter + between - own) * hops.value + own) / (withStarter + between)
  return [{ metric: 'hops', model: hops.model, value }]
}

function meanHops(overlay: OverlayData, peers: number): Omit<Foretold, 'metric'> | undefined {
  switch (overlay.kind) {
    case 'mesh':
      return { model: 'one hop', value: meshHops() }
    case 'ring':
      return { model: 'mean hops of a ring', value: ringHops(peers) }
    case 'small-world':
      return {
        model: 'mean hops of a small world (Avrami)',
        value: rewiredSmallWorldHops(peers, overlay.neighbours, overlay.rewire),
      }
    case 'random':
      return { model: 'mean hops of a random graph', value: randomGraphHops(peers, overlay.degree) }
    default:
      return undefined // ways from the starter are not those between any two
  }
}

/** The slowest stage sets the pace of all. */
function stages({ experiment, topology, size }: PlannedCell): Foretold[] {
  const { graph, arrivals } = experiment.job
  if (graph.shape !== 'pipeline' || topology === 'solo' || arrivals.kind !== 'at-once') return []
  const all = graph.stages.map(({ service }) => ({ service: seconds(service.mean), servers: size }))
  const isConstant = graph.stages.every(({ service }) => service.c2 === 0)
  const constant: Foretold = {
    metric: 'makespan',
    model: 'pipeline, constant times',
    value: pipelineMakespan(graph.items, all),
  }
  return [
    {
      metric: 'output',
      model: 'pipeline bottleneck',
      value: pipelineThroughput(all),
    },
    ...(isConstant ? [constant] : []),
  ]
}
