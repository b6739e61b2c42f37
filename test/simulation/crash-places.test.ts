/** A process killed at every place of its turns, one place a run: whatever it left, the run completes. */
import { describe, expect, it } from 'vitest'
import type { Operation } from '../../src/bus/memory/faults.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type Simulation, simulate } from '../../src/simulation/world.ts'
import { errandsFlock, everything } from './errands.ts'

const THINGS = ['milk']
const flock = errandsFlock(THINGS)
const profile = PROFILES.none

/** A runner, as a share of the processes: origin, dispatcher, runner, runner. */
const RUNNER = 0.6

/** The n-th operation of a role of this name and key. */
type Place = { readonly role: string; readonly name: string; readonly key: string; readonly nth: number }

const textOf = ({ role, name, key, nth }: Place) => `${name} ${key} #${nth} of the ${role}`

/** Calls what it is given with each operation that a process can die at, and how manieth of its kind it is. */
function counting<Result>(see: (place: Place) => Result) {
  const seen = new Map<string, number>()
  return (role: string, { kind, name, key }: Operation): Result | undefined => {
    if (kind !== 'read' && kind !== 'write' && kind !== 'settle') return undefined
    const what = `${role} ${name} ${key}`
    const nth = (seen.get(what) ?? 0) + 1
    seen.set(what, nth)
    return see({ role, name, key, nth })
  }
}

/** Where a turn can be cut: taking a lease, commits, publishing, acks; and the reads that they begin with. */
const OF_A_TURN = /^(records\.(append|read)|mailboxes\.put|delivery\.ack|leases\.acquire)$/

async function placesOfARun(): Promise<Place[]> {
  const places: Place[] = []
  const note = counting((place) => {
    if (OF_A_TURN.test(place.name)) places.push(place)
    return undefined
  })
  await simulate({ seed: 1, flock, profile, strike: note })
  return places
}

function dyingAt(there: Place, crash: 'before' | 'after'): Promise<Simulation> {
  const strike = counting((place) => (textOf(place) === textOf(there) ? { crash } : undefined))
  return simulate({ seed: 1, flock, profile, strike })
}

const places = await placesOfARun()

describe('a process that is killed', () => {
  it('can be killed at all steps of a turn', () => {
    const names = new Set(places.map(({ name }) => name))
    expect([...names].sort()).toEqual([
      'delivery.ack',
      'leases.acquire',
      'mailboxes.put',
      'records.append',
      'records.read',
    ])
  })

  it.each(['before', 'after'] as const)(
    '%s any step of a turn leaves what the run completes from',
    { timeout: 120_000 },
    async (moment) => {
      for (const place of places) {
        const { breach, output, journal, processes } = await dyingAt(place, moment)
        expect(breach, `${moment} ${textOf(place)}`).toBeUndefined()
        expect(output, `${moment} ${textOf(place)}`).toEqual(everything(THINGS))
        expect(processes, `${moment} ${textOf(place)}`).toBeGreaterThan(4)
        const outcomes = journal.flatMap(({ conversation, took: { id } }) =>
          id ? [`${conversation} ${id}`] : [],
        )
        expect(new Set(outcomes).size, `${moment} ${textOf(place)}`).toBe(outcomes.length)
      }
    },
  )

  it('while a model or a tool is at work has it done again, and once it is done never', {
    timeout: 120_000,
  }, async () => {
    const { journal } = await simulate({ seed: 1, flock, profile })
    const [begun, ended] = [journal[0]!.at, journal.at(-1)!.at]
    for (let at = 0; at < ended - begun; at += 500) {
      const kill = { id: 'kill', kind: 'crash', at, forMs: 0, who: RUNNER } as const
      const { breach, output } = await simulate({ seed: 1, flock, profile, besides: [kill] })
      expect(breach, `at ${at} ms`).toBeUndefined()
      expect(output, `at ${at} ms`).toEqual(everything(THINGS))
    }
  })
})
