/**
 * What a real run is measured by: those metrics of simulated runs that its journal shows. How many tasks it has its
 * planner decides anew in each run, so that everything is counted for the whole run, not for a task.
 */
import type { RunReport } from '../../src/flock/run-report.ts'
import { METRICS } from '../metrics.ts'
import type { Observed } from '../observer.ts'
import type { Metric, MetricName } from '../results.ts'
import type { BusyTimes } from './busy-times.ts'

export const REAL_METRICS = {
  makespan: {
    ...METRICS.makespan,
    definition:
      'From the beginning of a run that completed to the announcement that it is over, in real time.',
  },
  success: {
    ...METRICS.success,
    definition: 'Share of the runs that completed: all checks passed, and the reviewer took the result.',
  },
  messages: {
    label: 'messages',
    unit: 'messages',
    better: 'less',
    definition:
      'Messages between conversations of agents, each counted once however many pass it on; without the goal, its answer and control messages.',
  },
  relays: {
    label: 'messages passed on',
    unit: 'messages',
    better: 'less',
    definition: 'Times that a peer passed on a message that was not for it.',
  },
  hops: METRICS.hops,
  calls: {
    label: 'calls of models',
    unit: 'calls',
    better: 'less',
    definition: 'Answers of models, or of the policies that stand for them offline.',
  },
  tools: { label: 'calls of tools', unit: 'calls', better: 'less', definition: 'Tools that were run.' },
  tokens: {
    label: 'tokens',
    unit: 'tokens',
    better: 'less',
    definition: 'Tokens of all prompts and answers, as the endpoint tells them. Offline there are none.',
  },
  fullness: {
    label: 'largest prompt',
    unit: 'kB',
    better: 'less',
    definition: 'How full the fullest context was: the texts of the largest prompt of the run.',
  },
  heard: {
    label: 'share of the prompts that others wrote',
    unit: '1',
    better: null,
    definition: 'Of the bytes of all prompts, those that came in messages of other agents.',
  },
  utilisation: {
    ...METRICS.utilisation,
    definition:
      'Share of the makespan during which the peer that worked longest had a call of a model or a tool in flight.',
  },
  queue: METRICS.queue,
  control: {
    label: 'control messages',
    unit: 'messages',
    better: 'less',
    definition: 'Messages that only bring stake home, so that the end of the run is known.',
  },
  detection: METRICS.detection,
} as const satisfies Readonly<Record<MetricName, Metric>>

export type RealMetric = keyof typeof REAL_METRICS

export type MeasuredRun = {
  readonly report: RunReport
  readonly seen: Observed
  readonly busy: BusyTimes
  /** Bytes of the largest prompt. */
  readonly largestPrompt: number
}

/** What a run does not show is left out: one that did not complete has no makespan. */
export function measureRun({
  report,
  seen,
  busy,
  largestPrompt,
}: MeasuredRun): Readonly<Partial<Record<RealMetric, number>>> {
  const { outcome, durationMs, spent, figures } = report
  const isDone = outcome === 'completed'
  const longest = busy.longest()
  const tokens = spent.inputTokens + spent.outputTokens
  const heard = figures?.coordination.peerShare
  return {
    success: isDone ? 1 : 0,
    ...(isDone && { makespan: durationMs / 1_000 }),
    messages: seen.messages,
    relays: seen.puts - seen.carried,
    ...(seen.carried > 0 && { hops: seen.puts / seen.carried }),
    calls: spent.calls,
    tools: spent.tools,
    ...(tokens > 0 && { tokens }),
    ...(largestPrompt > 0 && { fullness: largestPrompt / 1_000 }),
    ...(typeof heard === 'number' && { heard }),
    ...(isDone &&
      durationMs > 0 &&
      longest !== undefined && {
        utilisation: longest.ms / durationMs,
        queue: (seen.peers.get(longest.peer)?.waitedMs ?? 0) / durationMs,
      }),
    control: seen.controls,
    ...(isDone && { detection: Math.max(0, durationMs - seen.lastTurnMs) / 1_000 }),
  }
}
