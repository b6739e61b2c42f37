/** The simulator's errands, in worlds that work, that are slow and say things twice, and in which processes die. */

import { spansOfRun } from '../../../src/run/trace.ts'
import { PROFILES, type Profile } from '../../../src/simulation/profile.ts'
import { simulate } from '../../../src/simulation/world.ts'
import { errandsFlock } from '../../simulation/errands.ts'
import { between, type GoodKind } from './good-run.ts'

const THINGS = ['bread', 'milk', 'salt']

const inWorld = (name: string, note: string, profile: Profile): GoodKind => ({
  name,
  async run(seed, random) {
    const flock = errandsFlock(THINGS.slice(0, between(random, 1, THINGS.length)), random.next() < 0.5)
    const { journal, record, breach } = await simulate({ seed, flock, profile })
    if (breach !== undefined || record === undefined) throw new Error(`seed ${seed}: ${breach?.text}`)
    return { note, due: [], spans: spansOfRun(journal, record) }
  },
})

const { none, network, storm } = PROFILES
/** Nothing is lost, nobody dies. */
const shuffled: Profile = {
  ...none,
  stormMs: 60_000,
  operations: { duplicate: 0.3, reorder: 0.3, delay: 0.3 },
}
/** Models that slip, and are told so. */
const slips: Profile = { ...none, stormMs: 60_000, models: { ...storm.models, slow: 0.02 } }

export const errands: readonly GoodKind[] = [
  inWorld('errands', 'a join; mail for who is at work; a pause before the report', none),
  inWorld('errands, shuffled', 'the same, and messages come twice, late and out of order', shuffled),
  inWorld('errands, bad network', 'the same, and answers get lost', network),
  inWorld(
    'errands, slips',
    'the same, and models fail, call what is not there, and answer what does not parse',
    slips,
  ),
  inWorld('errands, storm', 'the same, and processes die, sleep and are cut off', storm),
]
