/** What befalls whole processes, and when: drawn before the run begins, each for itself. */
import type { SeededRandom } from '../time/random.ts'
import type { Profile } from './profile.ts'
import { createDraws, type FaultId } from './schedule.ts'

export type ProcessFault = {
  readonly id: FaultId
  readonly kind: keyof Profile['processes']
  /** Milliseconds since the run began. */
  readonly at: number
  /** Of a pause or a partition, in milliseconds. */
  readonly forMs: number
  /** Which process: a share of those that there are, from 0 to 1. */
  readonly who: number
}

/** Shorter than a renewal of a lease, up to far longer than its life. */
const AWAY_MS = { least: 500, most: 40_000 }
const MINUTE_MS = 60_000

export function drawProcessFaults(seed: number, { processes, stormMs }: Profile): readonly ProcessFault[] {
  const draws = createDraws(seed, 'processes')
  return (Object.keys(processes) as ProcessFault['kind'][]).flatMap((kind) => {
    const expected = ((processes[kind] ?? 0) * stormMs) / MINUTE_MS
    const count = howMany(expected, draws.next(`how many of ${kind}`).random)
    return Array.from({ length: count }, (): ProcessFault => {
      const { id, random } = draws.next(kind)
      const at = Math.floor(random.next() * stormMs)
      const forMs = AWAY_MS.least + Math.floor((AWAY_MS.most - AWAY_MS.least) * random.next() ** 2)
      return { id, kind, at, forMs, who: random.next() }
    })
  })
}

/** Between none and twice as many as expected. */
const howMany = (expected: number, random: SeededRandom) => Math.floor(random.next() * 2 * expected + 0.5)
