/**
 * What tracing costs a turn: all runs traced, one of a hundred and none, in one process that takes turns with itself;
 * and what a collector costs where all are, which gets metrics and logs as well. Each against the same without, A B A B,
 * beside two that do the same, which shows how far apart chance keeps them.
 *
 * Time on the wall is that of the turns; spans leave a while after them. Processor time has all of it.
 */
import type { Server } from '../bare-court.ts'
import { type Child, startChild } from '../child.ts'
import { type Contest, hold, type Result } from '../contest.ts'
import { BenchError } from '../errors.ts'
import { messagesOf } from '../side.ts'
import { deadUrl, openCollector } from './collector.ts'
import type { Play, Played, PlayerTask } from './player.ts'

const [ALL, FEW, NONE] = [1, 0.01, 0]
/** Rallies of a round, all at once, and hits of each. */
const [RALLIES, HITS] = [16, 4]
const TURNS = messagesOf(RALLIES, HITS)
/** Rounds that do not count, and most that do. */
const [WARM_UPS, ROUNDS] = [2, 40]
/** For one contest, in milliseconds: there are six. */
const BUDGET_MS = 6_000
/** Plays before anything is measured: OpenTelemetry's SDK is loaded and compiled, and the first batches are out. */
const LIMBERING = 12

/** A contest, and processor time for one turn, in milliseconds. */
export type TracingResult = Result & { readonly cpu: { readonly with: number[]; readonly without: number[] } }

type Player = {
  /** @param cpu takes the processor time of a turn, once it is known */
  play(ratio: number, cpu: number[]): Promise<void>
}

function playerOf(child: Child): Player {
  let before: number[] = []
  return {
    async play(ratio, cpu) {
      const question: Play = { rallies: RALLIES, hits: HITS, ratio }
      const { cpuBeforeMs } = await Promise.race([child.ask<Played>(JSON.stringify(question)), child.died])
      before.push(cpuBeforeMs / TURNS)
      before = cpu
    },
  }
}

export async function measureTracing(server: Server, say: (text: string) => void): Promise<TracingResult[]> {
  const collector = await openCollector({ answers: true })
  const mute = await openCollector({ answers: false })
  const children: Child[] = []
  async function player(prefix: string, url?: string): Promise<Player> {
    const env: PlayerTask['env'] = url === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: url }
    const task: PlayerTask = { server, prefix: `bench-${prefix}`, env }
    const child = await startChild(new URL('player.js', import.meta.url), task)
    children.push(child)
    return playerOf(child)
  }
  try {
    const alone = await player('alone')
    const heard = await player('heard', collector.url)
    const dead = await player('dead', await deadUrl())
    const unanswered = await player('unanswered', mute.url)
    say('limbering up …')
    for (const one of [heard, dead, unanswered, alone])
      for (let play = 0; play < LIMBERING; play++) await one.play(ALL, [])
    const results: TracingResult[] = []
    for (const [name, one, ratio, other] of [
      ['no run traced, against none', alone, NONE, NONE],
      ['1 % of runs traced, against none', alone, FEW, NONE],
      ['all runs traced, against none', alone, ALL, NONE],
      ['all traced, to a collector, against no collector', heard, ALL, ALL],
      ['all traced, to a collector that is away', dead, ALL, ALL],
      ['all traced, to a collector that never answers', unanswered, ALL, ALL],
    ] as const) {
      say(`measuring ${name} …`)
      const cpu = { with: [] as number[], without: [] as number[] }
      const contest: Contest = {
        ...{ name, count: TURNS, warmUps: WARM_UPS, rounds: ROUNDS },
        skein: () => one.play(ratio, cpu.with),
        rival: () => alone.play(other, cpu.without),
      }
      const result = await hold(contest, BUDGET_MS)
      const counted = { with: cpu.with.slice(WARM_UPS), without: cpu.without.slice(WARM_UPS) }
      results.push({ ...result, cpu: counted })
    }
    if (collector.bytes() === 0 || mute.bytes() === 0)
      throw new BenchError('nothing-exported', 'a collector got nothing, so its cost was not measured')
    return results
  } finally {
    await mute.close()
    await Promise.all(children.map((child) => child.leave()))
    await collector.close()
  }
}
