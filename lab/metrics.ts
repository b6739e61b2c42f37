/**
 * What a run is measured by, with how it is computed. Those of coordination are defined as in Y. Kim et al., "Towards a
 * Science of Scaling Agent Systems", arXiv 2512.08296, section 4.1: a turn is an answer of a model, and the single agent
 * it is compared with takes one turn a task.
 */
import type { WorkReport } from './agents/work.ts'
import type { Interval, Observed, PeerFigures } from './observer.ts'
import type { Metric, MetricName } from './results.ts'
import { coordinationEfficiency, coordinationOverhead, messageDensity } from './theory/coordination.ts'

export const METRICS = {
  makespan: {
    label: 'makespan',
    unit: 's',
    better: 'less',
    definition: 'From the first message of the run to its answer.',
  },
  tokens: {
    label: 'tokens per task',
    unit: 'tokens',
    better: 'less',
    definition:
      'Tokens of all prompts and answers, of calls that died with their process as well, over tasks.',
  },
  stretch: {
    label: 'stretch of the makespan',
    unit: '1',
    better: 'less',
    definition:
      'Makespan over the least that any schedule of so many peers could take with the task times of this run: the longest chain of needs, or all work over the peers (Graham 1969). Of jobs that arrive at once and that nobody reviews.',
    follows: 'makespan',
  },
  throughput: {
    label: 'throughput',
    unit: 'tasks/s',
    better: 'more',
    definition: 'Tasks of the job over its makespan.',
    follows: 'makespan',
  },
  steadyThroughput: {
    label: 'throughput in the middle',
    unit: 'tasks/s',
    better: 'more',
    definition:
      'Tasks done between the fifth and the last fifth of those of a run, over the time between: without the beginning, when nobody waits yet, and the end, when some have nothing left to do. Of jobs of 20 tasks or more. Where a supervisor reads results, a task is done once it has read it.',
    follows: 'makespan',
  },
  output: {
    label: 'output in the middle',
    unit: 'tasks/s',
    better: 'more',
    definition:
      'The same of the final tasks only, those that no other needs: of a pipeline, the items that leave it.',
  },
  wait: {
    label: 'waiting for a worker',
    unit: 's',
    // A supervisor keeps its tasks until somebody is free for them, and waits no less for that.
    better: null,
    definition:
      'Mean time from when a task has all it needs (its request and the results that it rests on were put) until its work begins. Where tasks arrive one by one, the first tenth of them is left out. A supervisor asks only when somebody is free: what waits with it until then is not seen here, but in the makespan.',
  },
  messages: {
    label: 'messages per task',
    unit: 'messages',
    better: 'less',
    definition:
      'Messages between agents, each counted once however many pass it on; without the goal, its answer, control messages, and what an agent sends to itself.',
  },
  hops: {
    label: 'hops per message',
    unit: 'hops',
    better: 'less',
    definition:
      'Mailboxes that a message between agents was put into: 1, and one more for each peer that passed it on.',
  },
  fullness: {
    label: 'fullness of the context',
    unit: '1',
    better: 'less',
    definition: 'The largest prompt of the run over the context limit of the model.',
  },
  utilisation: {
    label: 'utilisation of the busiest peer',
    unit: '1',
    better: null,
    definition: 'Share of the makespan during which the peer that worked longest had a call in flight.',
  },
  queue: {
    label: 'queue at the busiest peer',
    unit: 'messages',
    better: null,
    definition:
      'Mean number of messages that wait, over the makespan, for the peer that worked longest: the sum of the waits of those that it took, over the makespan (Little). The wait of a message ends when a turn takes it and does not keep it for later.',
  },
  hubUtilisation: {
    label: 'utilisation of the hub in the middle',
    unit: '1',
    better: null,
    definition:
      'Share of the time during which the supervisor had a call in flight, between the fifth and the last fifth of the results that it reads.',
  },
  hubQueue: {
    label: 'queue at the hub in the middle',
    unit: 'messages',
    better: null,
    definition:
      'Mean number of results that wait for the supervisor, without the one that it reads, over the same time.',
  },
  overhead: {
    label: 'coordination overhead',
    unit: '1',
    better: 'less',
    definition:
      'Turns less those of a single agent, over those of a single agent: O of arXiv 2512.08296, as a share.',
  },
  density: {
    label: 'message density',
    unit: 'messages/turn',
    better: 'less',
    definition: 'Messages between agents for each turn: c of arXiv 2512.08296.',
  },
  efficiency: {
    label: 'coordination efficiency',
    unit: '1',
    better: 'more',
    definition: 'Success over the turns relative to those of a single agent: E_c of arXiv 2512.08296.',
  },
  success: {
    label: 'success',
    unit: '1',
    better: 'more',
    definition: 'Share of the final tasks (those that no other needs) whose result is there and right.',
  },
  recovery: {
    label: 'time lost by the crash',
    unit: 's',
    better: 'less',
    definition: 'Makespan less that of the same run, with the same seed, in which nothing crashes.',
  },
  wastedTime: {
    label: 'work lost by the crash',
    unit: 's',
    better: 'less',
    definition: 'Time for which calls had been under way that died with their process and were made again.',
  },
  wastedTokens: {
    label: 'tokens lost by the crash',
    unit: 'tokens',
    better: 'less',
    definition: 'Tokens of the prompts of those calls, paid for without an answer.',
  },
  conflicts: {
    label: 'conflicts per claim',
    unit: '1',
    better: 'less',
    definition:
      'Writes to claims of work that failed, since somebody else had written first, for each that succeeded. Of placements that claim: blackboard, auction and hub.',
  },
  boardConflicts: {
    label: 'conflicts per change of a shared entry',
    unit: '1',
    better: 'less',
    definition:
      'Writes to shared entries that failed, since somebody else had changed the entry since it was read, for each that succeeded. Each costs another thought.',
  },
  boardWaste: {
    label: 'thinking lost to conflicts per task',
    unit: 's',
    better: 'less',
    definition: 'Time of the thoughts whose writes failed so, over tasks.',
  },
  control: {
    label: 'control messages per task',
    unit: 'messages',
    better: 'less',
    definition: 'Messages that only bring stake home, so that the end of the run is known, over tasks.',
  },
  detection: {
    label: 'delay of termination',
    unit: 's',
    better: 'less',
    definition: 'From the last turn of anybody but the origin to the announcement that the run is over.',
  },
} as const satisfies Readonly<Record<MetricName, Metric>>

export type KnownMetric = keyof typeof METRICS

export type Measured = {
  readonly seen: Observed
  readonly tasks: number
  /** The announcement of the end, in milliseconds after the beginning. */
  readonly endedMs: number
  /** Tokens of the context of the model. */
  readonly contextTokens: number
  readonly arrivesAtOnce: boolean
  /** Seconds that no schedule could beat, where that is known. */
  readonly leastSeconds: number | undefined
  /** Makespan of the same run without its crash, in seconds. */
  readonly calm?: number | undefined
}

/** Share of the tasks before, and after, what counts as the middle. */
const EDGE = 0.2
/** Tasks from which on a run has a middle. */
const MIDDLE_TASKS = 20
/** Share of the waits that belong to the start, where tasks arrive one by one. */
const WARM_UP = 0.1

/** What makes no sense for a run is left out: a run without an answer has no makespan. */
export function measure(measured: Measured): Readonly<Partial<Record<KnownMetric, number>>> {
  const { seen, tasks, endedMs, contextTokens, arrivesAtOnce, calm } = measured
  const { answer, messages, puts, calls, again } = seen
  const makespanMs = answer?.atMs
  const busiest = busiestOf(seen.peers)
  const success = successOf(seen)
  const waits = seen.waitsMs.slice(arrivesAtOnce ? 0 : Math.floor(seen.waitsMs.length * WARM_UP))
  return without({
    makespan: makespanMs && makespanMs / 1_000,
    stretch: makespanMs && measured.leastSeconds && makespanMs / 1_000 / measured.leastSeconds,
    throughput: makespanMs && tasks / (makespanMs / 1_000),
    steadyThroughput: middleOf(seen.doneAtMs),
    output: seen.finalAtMs.length === seen.doneAtMs.length ? undefined : middleOf(seen.finalAtMs),
    wait: waits.length === 0 ? undefined : waits.reduce((sum, wait) => sum + wait, 0) / waits.length / 1_000,
    messages: messages / tasks,
    hops: seen.carried === 0 ? undefined : puts / seen.carried,
    tokens: seen.tokens / tasks,
    fullness: seen.promptTokens / contextTokens,
    utilisation: makespanMs && busiest && busiest.busyMs / makespanMs,
    queue: makespanMs && busiest && busiest.waitedMs / makespanMs,
    hubUtilisation: middleShare(seen.hub.busy, seen.doneAtMs),
    hubQueue: middleShare(seen.hub.waits, seen.doneAtMs),
    overhead: coordinationOverhead(calls, tasks),
    density: calls === 0 ? undefined : messageDensity(messages, calls),
    efficiency: calls === 0 ? undefined : coordinationEfficiency(success, calls, tasks),
    success,
    recovery: makespanMs && calm !== undefined ? makespanMs / 1_000 - calm : undefined,
    wastedTime: calm === undefined ? undefined : again.ms / 1_000,
    wastedTokens: calm === undefined ? undefined : again.tokens,
    conflicts: seen.claims.written === 0 ? undefined : seen.claims.refused / seen.claims.written,
    boardConflicts: seen.board.written === 0 ? undefined : seen.board.conflicts / seen.board.written,
    boardWaste: seen.board.written === 0 ? undefined : seen.board.lostMs / 1_000 / tasks,
    control: seen.controls / tasks,
    detection: Math.max(0, endedMs - seen.lastTurnMs) / 1_000,
  })
}

function busiestOf(peers: Observed['peers']): PeerFigures | undefined {
  let busiest: PeerFigures | undefined
  for (const peer of peers.values()) if (peer.busyMs > (busiest?.busyMs ?? 0)) busiest = peer
  return busiest
}

function successOf({ answer }: Observed): number {
  if (answer?.output.kind !== 'answer') return 0
  const { done, wrong, failed } = answer.output.body as WorkReport
  return (done - wrong) / (done + failed)
}

type Middle = { readonly tasks: number; readonly from: number; readonly to: number }

function middle(doneAtMs: readonly number[]): Middle | undefined {
  const count = doneAtMs.length
  if (count < MIDDLE_TASKS) return undefined
  const [from, to] = [Math.floor(count * EDGE), Math.ceil(count * (1 - EDGE)) - 1]
  const span = { tasks: to - from, from: doneAtMs[from]!, to: doneAtMs[to]! }
  return span.from === span.to ? undefined : span
}

/** Tasks a second. */
function middleOf(doneAtMs: readonly number[]): number | undefined {
  const span = middle(doneAtMs)
  return span && span.tasks / ((span.to - span.from) / 1_000)
}

/** How many of the intervals hold, in the mean. */
function middleShare(intervals: readonly Interval[], doneAtMs: readonly number[]): number | undefined {
  const span = middle(doneAtMs)
  if (span === undefined || intervals.length === 0) return undefined
  const ms = intervals.reduce(
    (sum, [from, to]) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)),
    0,
  )
  return ms / (span.to - span.from)
}

function without<Name extends string>(
  values: Readonly<Record<Name, number | undefined>>,
): Readonly<Partial<Record<Name, number>>> {
  return Object.fromEntries(
    Object.entries<number | undefined>(values).filter(
      ([, value]) => value !== undefined && Number.isFinite(value),
    ),
  ) as Partial<Record<Name, number>>
}
