/**
 * What theory says of a cell, beside what was measured. It says something where its assumptions hold, and nothing where
 * they do not: a queue that breaks down, or a review in the way, is no closed queue any more.
 */

import type { PlannedCell } from './experiment.ts'
import { nodesOf } from './graphs.ts'
import type { SimulatedJob } from './job.ts'
import type { KnownMetric } from './metrics.ts'
import type { CellResult } from './results.ts'
import { closedQueue, deterministicThroughput, generalClosedQueue } from './theory/closed-queue.ts'
import { openQueue } from './theory/open-queue.ts'
import { prediction } from './theory/prediction.ts'

/** A model, and what it says of a metric. */
type Foretold = { readonly metric: KnownMetric; readonly model: string; readonly value: number }

export function predictionsOf(
  { experiment, topology, size, faults }: PlannedCell,
  estimates: CellResult['estimates'],
): CellResult['predictions'] {
  const { job } = experiment
  const plain = faults === 'none' && experiment.latency === 0 && job.review === null
  const foretold = plain
    ? [...starQueue(job, topology, size), ...openWait(job, topology, size), ...allWork(job, topology, size)]
    : []
  const predictions: Record<string, CellResult['predictions'][string]> = {}
  for (const { metric, model, value } of foretold) {
    const measured = estimates[metric]?.mean
    if (measured === undefined || !Number.isFinite(value)) continue
    predictions[metric] = [...(predictions[metric] ?? []), prediction(model, value, measured)]
  }
  return predictions
}

/** Tasks for each worker with which there is work for all of them in the middle of a run. */
const PLENTY = 5

const seconds = (ms: number) => ms / 1_000

/** The hub of a star serves, in order, as many tasks as there are workers: while there is work for all of them. */
function starQueue(
  { graph, hub, service, arrivals }: SimulatedJob,
  topology: string,
  size: number,
): Foretold[] {
  if (topology !== 'star' || graph.shape !== 'independent' || arrivals.kind !== 'at-once' || hub.mean === 0)
    return []
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
    { metric: 'utilisation', model, value: Math.max(utilisation, (throughput * star.think) / size) },
    { metric: 'queue', model, value: queue - utilisation },
  ]
}

/** One worker to whom independent tasks come one by one. */
function openWait({ graph, service, arrivals }: SimulatedJob, topology: string, size: number): Foretold[] {
  if (topology !== 'mesh' || size !== 1 || graph.shape !== 'independent' || arrivals.kind !== 'poisson')
    return []
  const { wait } = openQueue({
    rate: arrivals.perSecond,
    service: seconds(service.mean),
    variation: service.c2,
  })
  return [{ metric: 'wait', model: 'M/G/1 (Pollaczek-Khinchine)', value: wait }]
}

/** One agent alone works all the time. So does one worker whose tasks need nobody but itself. */
function allWork({ graph, service, arrivals }: SimulatedJob, topology: string, size: number): Foretold[] {
  const isAlone = topology === 'solo' || (topology === 'mesh' && size === 1)
  if (arrivals.kind !== 'at-once' || !isAlone) return []
  return [
    { metric: 'makespan', model: 'sum of all work', value: nodesOf(graph).length * seconds(service.mean) },
  ]
}
