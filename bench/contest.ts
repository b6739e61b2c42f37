/** Two that do the same, timed in turn, A B A B: what slows the machine down for a while meets both. */

export type Contest = {
  readonly name: string
  /** How many of what is counted a turn has. */
  readonly count: number
  readonly skein: () => Promise<void>
  readonly rival: () => Promise<void>
  /** Cleans up after a turn of skein's, while no clock runs. */
  readonly tidy?: () => Promise<void>
  /** Rounds that do not count: code is compiled and connections find their pace. */
  readonly warmUps: number
  readonly rounds: number
}

/** Milliseconds for one of what is counted, round by round. */
export type Result = {
  readonly name: string
  readonly skein: readonly number[]
  readonly rival: readonly number[]
}

/** A contest that takes longer ends with the rounds it has, in milliseconds: a slow machine must not take for ever. */
const BUDGET_MS = 7_000
/** Fewer say nothing. */
const FEWEST = 3

export async function hold(contest: Contest, budgetMs = BUDGET_MS): Promise<Result> {
  const { name, count, warmUps, rounds, tidy } = contest
  const skein: number[] = []
  const rival: number[] = []
  const begun = performance.now()
  for (let round = -warmUps; round < rounds; round++) {
    if (skein.length >= FEWEST && performance.now() - begun > budgetMs) break
    const ours = await timed(contest.skein)
    await tidy?.()
    const theirs = await timed(contest.rival)
    if (round < 0) continue
    skein.push(ours / count)
    rival.push(theirs / count)
  }
  return { name, skein, rival }
}

async function timed(turn: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await turn()
  return performance.now() - begun
}

/** How many times as long skein takes: the median over the rounds, and the extremes. */
export function ratioOf({ skein, rival }: Result): { median: number; least: number; most: number } {
  const ratios = skein.map((ours, round) => ours / rival[round]!)
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
}
