import { describe, expect, it } from 'vitest'
import type { FaultEntry, FaultId } from '../../src/simulation/schedule.ts'
import { shrink } from '../../src/simulation/shrink.ts'
import type { Simulation } from '../../src/simulation/world.ts'

const KINDS = ['delay', 'drop', 'crash'] as const
const drawn = Array.from(
  { length: 60 },
  (_, at): FaultEntry => ({ id: `f${at}`, at, kind: KINDS[at % KINDS.length]!, what: '' }),
)

/** A run that breaks where all of these strike. */
function world(causes: readonly FaultId[]) {
  return async (only?: ReadonlySet<FaultId>): Promise<Simulation> => {
    const faults = drawn.filter(({ id }) => only?.has(id) ?? true)
    const broken = causes.every((cause) => faults.some(({ id }) => id === cause))
    return {
      ...{ seed: 1, output: undefined, faults, hash: '', steps: 0, virtualMs: 0 },
      ...{
        processes: 0,
        takeovers: 0,
        journal: [],
        record: undefined,
        outcome: undefined,
        reason: undefined,
        detectionMs: undefined,
        spent: undefined,
      },
      breach: broken ? { invariant: 'T1', text: 'twice' } : undefined,
    }
  }
}

const shrunkTo = async (causes: readonly FaultId[], tries = 1_000) => {
  const simulate = world(causes)
  return shrink(await simulate(), { simulate, tries })
}

describe('shrinking', () => {
  it.each([[['f7']], [['f0', 'f59']], [['f3', 'f4', 'f5', 'f31']]])(
    'finds what breaks it: %j',
    async (causes) => {
      const { faults, breach } = await shrunkTo(causes)
      expect(faults.map(({ id }) => id)).toEqual(causes)
      expect(breach.invariant).toBe('T1')
    },
  )

  it('comes to nothing where it breaks without any fault', async () => {
    expect((await shrunkTo([])).faults).toEqual([])
  })

  it('ends with the best it has when its tries are used up', async () => {
    const { faults, tries } = await shrunkTo(['f0', 'f30'], 3)
    expect(tries).toBe(3)
    expect(faults.length).toBe(drawn.length / KINDS.length)
  })
})
