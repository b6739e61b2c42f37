/**
 * What is measured against the bare thing: durable turns and signals against the client alone, start-up against a
 * process that does nothing. A turn is a message on its way to another process and all that it causes there: it is
 * taken, committed, answered and acknowledged.
 */
import type { Contest } from './contest.ts'
import { RALLIES } from './rally.ts'
import { messagesOf, type Side } from './side.ts'
import type { Starts } from './starts.ts'

/** Hits of a rally. */
export const HITS = 8
/** Rallies one after the other that make a turn long enough to time. */
const IN_A_ROW = 8
const SIGNALS = 4_096
/** Peers of a usual flock. */
const FLOCK = 6

export function messageContests(skein: Side, bare: Side): Contest[] {
  const oneByOne = async ({ play }: Side) => {
    for (let rally = 0; rally < IN_A_ROW; rally++) await play(1, HITS)
  }
  return [
    {
      name: 'a durable turn, one at a time',
      count: messagesOf(IN_A_ROW, HITS),
      skein: () => oneByOne(skein),
      rival: () => oneByOne(bare),
      warmUps: 2,
      rounds: 9,
    },
    {
      name: `a durable turn, ${RALLIES} at once`,
      count: messagesOf(RALLIES, HITS),
      skein: () => skein.play(RALLIES, HITS),
      rival: () => bare.play(RALLIES, HITS),
      warmUps: 2,
      rounds: 9,
    },
    {
      name: 'a signal',
      count: SIGNALS,
      skein: () => skein.shout(SIGNALS),
      rival: () => bare.shout(SIGNALS),
      warmUps: 2,
      rounds: 9,
    },
  ]
}

export function startContests({ peers, nothing, tidy }: Starts): Contest[] {
  return [1, FLOCK].map((count) => ({
    name: count === 1 ? 'the start of a peer, alone' : `the start of ${count} peers, until the last is there`,
    count: 1,
    skein: () => peers(count),
    rival: () => nothing(count),
    tidy,
    warmUps: 1,
    rounds: 4,
  }))
}
