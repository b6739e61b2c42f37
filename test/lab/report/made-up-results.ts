/**
 * Results that nobody measured: numbers from formulas and a seed, plausible enough to be drawn and told of. Nothing
 * here says anything of a topology.
 */
import type { Cell, CellResult, Estimate, Metric, Prediction, Results, Sample } from '../../../lab/results.ts'
import { seededRandom } from '../../../src/time/random.ts'

export type MadeUpOptions = {
  readonly topologies?: readonly string[]
  /** Each topology is run with each of them; else it has one of its own. */
  readonly placements?: readonly string[]
  readonly sizes?: readonly number[]
  readonly faults?: readonly string[]
  /** Seconds that the hub needs for a message: `job.hub.mean`. */
  readonly hubSeconds?: readonly number[]
  /** The single agent is run with this size alone. */
  readonly soloSize?: number
  readonly seeds?: number
  readonly seed?: number
}

const METRICS: Readonly<Record<string, Metric>> = {
  makespan: {
    ...{ label: 'makespan', unit: 's', better: 'less' },
    definition: 'From the first message of a run to the announcement of its end (Graham 1969, section 1).',
  },
  throughput: {
    ...{ label: 'throughput', unit: 'tasks/s', better: 'more' },
    definition: 'Tasks done over the makespan (Denning and Buzen 1978, section 2).',
  },
  messagesPerTask: {
    ...{ label: 'messages per task', unit: 'messages', better: 'less' },
    definition: 'Messages between conversations over tasks done; redeliveries count once.',
  },
  tokensPerTask: {
    ...{ label: 'tokens per task', unit: 'tokens', better: 'less' },
    definition: 'Tokens read and written by models over tasks done.',
  },
  hops: {
    ...{ label: 'hops of a message', unit: 'hops', better: null },
    definition: 'Mean edges of the overlay on the way of a message (Watts and Strogatz 1998).',
  },
  busiest: {
    ...{ label: 'utilisation of the busiest peer', unit: '1', better: null },
    definition: 'Share of the makespan that the peer which works most spends at work.',
  },
  success: {
    ...{ label: 'tasks that came out right', unit: '1', better: 'more' },
    definition: 'Tasks whose result holds no injected error, over all tasks.',
  },
}

type Numbers = {
  readonly expected: number
  readonly spread: number
  readonly predictions: readonly Prediction[]
}

export function madeUp(options: MadeUpOptions = {}): { results: Results; samples: Sample[] } {
  const { topologies = ['star', 'mesh', 'solo', 'ring'], faults = ['none'], hubSeconds, seeds = 30 } = options
  const { sizes = [2, 4, 8, 16, 32, 64, 128], placements, seed = 1 } = options
  const sizesOf = (topology: string) =>
    topology === 'solo' && options.soloSize !== undefined ? [options.soloSize] : sizes
  const samples: Sample[] = []
  const cells = topologies.flatMap((topology) =>
    (placements ?? [topology === 'star' ? 'hub' : 'any']).flatMap((placement) =>
      sizesOf(topology).flatMap((size) =>
        faults.flatMap((fault) =>
          (hubSeconds ?? [undefined]).map((hub): CellResult => {
            const varied: Cell['varied'] = hub === undefined ? {} : { 'job.hub.mean': hub }
            const id = [topology, placement, size, fault, hub].filter((part) => part !== undefined).join('/')
            const cell = { id, topology, placement, size, faults: fault, varied }
            const numbers = numbersOf(cell, hub ?? 0.2)
            const mine = samplesOf(cell, numbers, seeds, seed)
            samples.push(...mine)
            return resultOf(cell, numbers, mine)
          }),
        ),
      ),
    ),
  )
  const results: Results = {
    ...{ format: 1, name: 'Star against mesh', confidence: 0.95, metrics: METRICS, cells },
    description: 'A made-up sweep: 40 tasks of 4 s, under each topology, with more and more peers.',
    experiment: { job: { tasks: 40, service: { mean: 4 } }, topologies, sizes, faults },
    seeds: Array.from({ length: seeds }, (_, index) => index + 1),
    parameters: { 'job.hub.mean': { label: 'service time of the hub', unit: 's' } },
    notes: ['These numbers are made up.'],
  }
  return { results, samples }
}

/** Seconds of a task, and tasks of a job. */
const WORK = 4
const TASKS = 40

function numbersOf({ topology, placement, size, faults }: Cell, hub: number): Record<string, Numbers> {
  const auction = placement === 'auction' ? 1.3 : 1
  const hit = faults === 'hub' && topology === 'star' ? 1.9 : faults === 'none' ? 1 : 1.08
  const rate =
    topology === 'star'
      ? closedQueue(size, hub, WORK)
      : topology === 'solo'
        ? 0.31
        : size / (WORK + 0.35 + (topology === 'ring' ? size * 0.012 : 0))
  const makespan = (TASKS / rate) * hit * auction + 1.5
  const messages = topology === 'solo' ? 0 : topology === 'star' ? 2 : 2.6 + Math.log2(size) * 0.25
  const hops = topology === 'ring' ? (size + 1) / 3 : topology === 'star' ? 2 : topology === 'solo' ? 0 : 1
  const ofQueue = topology === 'star' && faults === 'none'
  const numbers = (expected: number, spread: number, ...predictions: [string, number][]): Numbers => ({
    ...{ expected, spread },
    predictions: predictions.map(([model, value]) => ({
      ...{ model, value },
      residual: value === 0 ? null : (expected - value) / value,
    })),
  })
  return {
    makespan: numbers(
      makespan,
      0.08,
      ...(ofQueue ? [['closed queue (MVA)', TASKS / closedQueue(size, hub, WORK)] as [string, number]] : []),
    ),
    throughput: numbers(
      TASKS / makespan,
      0.06,
      ...(ofQueue
        ? ([
            ['closed queue (MVA)', closedQueue(size, hub, WORK)],
            ['asymptotes', Math.min(size / (hub + WORK), 1 / hub)],
          ] as [string, number][])
        : []),
    ),
    messagesPerTask: numbers(messages * auction, 0.02),
    tokensPerTask: numbers(
      topology === 'star' ? 2_100 + size * 14 : topology === 'solo' ? 5_200 : 2_300,
      0.12,
    ),
    hops: numbers(
      hops,
      topology === 'ring' ? 0.03 : 0,
      ...(topology === 'ring' ? [['mean distance', (size + 1) / 3] as [string, number]] : []),
    ),
    busiest: numbers(topology === 'star' ? Math.min(0.99, rate * hub) : 0.8, 0.03),
    success: numbers(0.9, 0.05),
  }
}

/** Throughput of N customers at one station of service time D with think time Z, by exact mean value analysis. */
function closedQueue(customers: number, service: number, think: number): number {
  let queue = 0
  let rate = 0
  for (let n = 1; n <= customers; n += 1) {
    const residence = service * (1 + queue)
    rate = n / (residence + think)
    queue = rate * residence
  }
  return rate
}

function samplesOf(cell: Cell, numbers: Record<string, Numbers>, seeds: number, seed: number): Sample[] {
  return Array.from({ length: seeds }, (_, index) => {
    const random = seededRandom(seed).fork(`${cell.id} ${index}`)
    const bell = () => random.next() + random.next() + random.next() + random.next() - 2
    const isLost = cell.faults === 'hub' && cell.topology === 'star' && random.next() < 0.2
    const metrics = Object.entries(numbers).map(([name, { expected, spread }]) => [
      name,
      expected * (1 + spread * 1.7 * bell()),
    ])
    return {
      ...{ cell: cell.id, seed: index + 1, outcome: isLost ? 'exhausted' : 'completed' },
      metrics: isLost ? {} : Object.fromEntries(metrics),
    }
  })
}

function resultOf(cell: Cell, numbers: Record<string, Numbers>, samples: readonly Sample[]): CellResult {
  const outcomes: Record<string, number> = {}
  for (const { outcome } of samples) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  const names = Object.keys(numbers)
  const estimates = Object.fromEntries(
    names.map((name) => [name, estimateOf(samples.flatMap(({ metrics }) => metrics[name] ?? []))]),
  )
  const predictions = Object.fromEntries(
    names.map((name) => [
      name,
      numbers[name]!.predictions.map((one) => ({
        ...one,
        residual: one.value === 0 ? null : (estimates[name]!.mean - one.value) / one.value,
      })),
    ]),
  )
  return { ...cell, estimates, predictions, outcomes }
}

function estimateOf(values: readonly number[]): Estimate {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
  const half = 2 * Math.sqrt(variance / values.length)
  return { mean, low: mean - half, high: mean + half, count: values.length }
}
