import { describe, expect, it, onTestFinished } from 'vitest'
import { digestOf } from '../../src/coordination/digest.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type Simulation, simulate } from '../../src/simulation/world.ts'
import { testMesh } from '../../src/testing/index.ts'
import { systemRandom } from '../../src/time/random.ts'
import { essaysFlock } from './essays.ts'
import { sentIn } from './journal.ts'

const { storm } = PROFILES
/** Drawn each time: a failure names its seed. */
const FRESH = Math.floor(systemRandom().next() * 1_000_000_000)
const SEEDS = Number(process.env.SEEDS ?? 1)

/** What of the review loop does not hold in a world. */
function breachesOf({ journal }: Simulation, rounds: number): string[] {
  const submitted = sentIn(journal, 'essay.submit').map(
    ({ body }) => body as { work: unknown; round: number; isLast: boolean },
  )
  const digests = submitted.map(({ work }) => digestOf(work))
  const verdicts = ['essay.approve', 'essay.revise'].flatMap((type) => sentIn(journal, type))
  return [
    ...(submitted.length > rounds ? [`RL1: ${submitted.length} rounds`] : []),
    ...(submitted.some(({ round, isLast }, index) => round !== index + 1 || isLast !== (round === rounds))
      ? ['RL1: miscounted']
      : []),
    ...(verdicts.length > submitted.length ? ['RL1: more verdicts than work'] : []),
    ...(new Set(digests).size === digests.length ? [] : ['RL3: the same work twice']),
  ]
}

const printIn = ({ output }: Simulation) => (output?.kind === 'answer' ? output.body : output)
const WHOLE = 'It was a dark and stormy night.'
const FINDINGS = [['a dark'], ['and stormy'], ['night.']]

/** Longer than any storm, and any model that is slow. */
const PATIENT_MS = 10_000_000

type Kind = { flock: Parameters<typeof essaysFlock>; prints: unknown[] }
const KINDS: Readonly<Record<string, Kind>> = {
  'is printed once its critic approves of it': {
    flock: ['patient', { rounds: 4, verdictMs: PATIENT_MS }],
    prints: [{ text: WHOLE, findings: [...FINDINGS, []], problem: null }],
  },
  'is not approved when the rounds are used up': {
    flock: ['patient', { rounds: 2, verdictMs: PATIENT_MS }],
    prints: [{ text: 'It was a dark', findings: FINDINGS.slice(0, 2), problem: 'not approved in 2 rounds' }],
  },
  'whose critic may be late is approved or not': {
    flock: ['patient', { rounds: 4, verdictMs: 3_000 }],
    prints: [
      expect.objectContaining({ problem: null }),
      expect.objectContaining({ problem: expect.any(String) }),
    ],
  },
}

describe.each([
  ['fixed seeds', 1, 2],
  ['fresh seeds', FRESH, SEEDS],
])('in a storm, of %s, from %d, an essay', (_, first, seeds) => {
  it.each(Object.entries(KINDS))('%s', { timeout: 600_000 }, async (_, { flock, prints }) => {
    for (let seed = first; seed < first + seeds; seed++) {
      const run = await simulate({ seed, profile: storm, flock: essaysFlock(...flock) })
      expect(run.breach, `seed ${seed}`).toBeUndefined()
      expect(breachesOf(run, flock[1].rounds), `seed ${seed}`).toEqual([])
      expect(prints, `seed ${seed}`).toContainEqual(printIn(run))
    }
  })
})

describe('in a calm world, an essay', () => {
  const options = { rounds: 3, verdictMs: 5_000 }

  /** What is printed of it, and the mesh that it was written in. */
  async function calmly(...flock: Parameters<typeof essaysFlock>) {
    const { crew, start } = essaysFlock(...flock)
    const mesh = await testMesh({ roles: crew })
    onTestFinished(mesh.close)
    const { role, message, body, answers } = start
    return { mesh, print: (await mesh.ask(role, message, body as never, { answers })).body }
  }

  it('is approved by nobody who has not seen it (RL2)', async () => {
    expect((await calmly('blind', options)).print).toMatchObject({
      problem: expect.stringMatching(/^a verdict on [0-9a-f]{64}, which is not what was submitted$/),
    })
  })

  it('has every verdict name what was seen', async () => {
    const { mesh } = await calmly('patient', { ...options, rounds: 4 })
    const seen = ['essay.revise', 'essay.approve'].flatMap((type) => mesh.messagesOf(type))
    const submitted = mesh
      .messagesOf('essay.submit')
      .map(({ body }) => digestOf((body as { work: unknown }).work))
    expect(submitted).not.toEqual([])
    expect(seen.map(({ body }) => (body as { seen: string }).seen)).toEqual(submitted)
  })

  it('that comes back unchanged is not submitted again (RL3)', async () => {
    const { mesh, print } = await calmly('picky', options, true)
    expect(print).toMatchObject({ problem: 'the work came back as it was judged before' })
    expect(mesh.messagesOf('essay.submit')).toHaveLength(1)
  })

  it('that never pleases is submitted so many times and no more (RL1)', async () => {
    const { mesh, print } = await calmly('picky', options)
    expect(print).toMatchObject({ problem: 'not approved in 3 rounds' })
    const submitted = mesh.messagesOf('essay.submit')
    expect(submitted.map(({ body }) => body)).toMatchObject([
      { round: 1, isLast: false },
      { round: 2, isLast: false },
      { round: 3, isLast: true },
    ])
    expect(mesh.stateOf(submitted[0]!.conversations.to).isOver).toBe(true)
  })

  it('is not waited for longer than a verdict may take', async () => {
    const { mesh, print } = await calmly('mute', options)
    expect(print).toMatchObject({ problem: expect.stringMatching(/no answer/) })
    expect(mesh.elapsed()).toBe(5_000)
  })
})

describe('what names a work', () => {
  it('is what it says, in whatever order its keys stand', () => {
    expect(digestOf({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(digestOf({ b: [{ d: 3, c: 2 }], a: 1 }))
    expect(digestOf({ a: 1 })).not.toBe(digestOf({ a: 2 }))
    expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]))
  })
})
