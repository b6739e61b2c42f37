/** That the good runs have in them what their notes say. That they are good is seen to where `diagnose` reads them. */
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/time/random.ts'
import { SKEIN } from '../../traces/names.ts'
import { type Story, storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import type { GoodKind, GoodRun } from './good/good-run.ts'
import { goodKinds, goodRuns } from './good/index.ts'

const kindNamed = (name: string) => goodKinds.find((kind) => kind.name === name)!
const runOf = (kind: GoodKind, seed: number) => kind.run(seed, seededRandom(seed).fork('good'))

async function storyOfRun(run: Promise<GoodRun>): Promise<Story> {
  return storyOf(traceTree((await run).spans))
}

describe('a good run', () => {
  it('is the same for the same seed, and another one for another', async () => {
    const [once, again, another] = [await goodRuns(5), await goodRuns(5), await goodRuns(24)]
    expect(again).toEqual(once)
    expect(another.spans).not.toEqual(once.spans)
  })
})

describe('what looks like a fault and is none', () => {
  it('is a process that dies at work and is adopted, for which a note is due', async () => {
    const { spans, due } = await runOf(kindNamed('bereaved'), 24)
    expect(storyOf(traceTree(spans)).takeovers).not.toEqual([])
    expect(due).toEqual(['peer-died'])
  })

  it('is a call that is made again after it failed', async () => {
    const { effects } = await storyOfRun(runOf(kindNamed('calls that failed before'), 8))
    const fetched = effects.filter(({ name }) => name === 'fetch_reel')
    expect(fetched.length).toBeGreaterThan(1)
    expect(fetched.slice(0, -1).map(({ error }) => error)).not.toContain(undefined)
    expect(fetched.at(-1)!.error).toBeUndefined()
  })

  it('is a status that a timer has read again, though it says the same', async () => {
    const { effects, turns } = await storyOfRun(runOf(kindNamed('polling'), 42))
    const looks = effects.filter(({ name }) => name === 'render_status')
    expect(looks.length).toBeGreaterThan(3)
    const told = looks.slice(0, -1).map(({ node }) => node.span.attributes[SKEIN.outputDigest])
    expect(new Set(told).size).toBe(1)
    expect(turns.filter(({ event }) => event.startsWith('xstate.after'))).toHaveLength(looks.length - 1)
  })

  it('is a way back and forth on which every offer is another one', async () => {
    const { messages } = await storyOfRun(runOf(kindNamed('haggling'), 24))
    const offers = messages.filter(({ type }) => type === 'haggling.offer')
    expect(offers.length).toBeGreaterThan(5)
    expect(new Set(offers.map(({ node }) => node.span.attributes[SKEIN.bodyDigest])).size).toBe(offers.length)
  })

  it('is a check that failed, where the next one passes before anything is delivered', async () => {
    const { effects } = await storyOfRun(runOf(kindNamed('revisions'), 29))
    const checks = effects.flatMap(({ node }) => node.span.attributes[SKEIN.check] ?? [])
    expect(checks).toContain('failed')
    expect(checks.at(-1)).toBe('passed')
  })

  it('is a question of who is asked to who asked, who can answer while it waits', async () => {
    const { messages, turns } = await storyOfRun(runOf(kindNamed('consultation'), 7))
    const asked = messages.filter(({ type }) => type === 'clinic.history')
    expect(asked.map(({ toConversation, awaits }) => [toConversation, awaits])).toContainEqual(['goal', true])
    expect(turns.filter(({ failure }) => failure !== undefined)).toEqual([])
  })

  it('is a task that waits in a mailbox for minutes, and is taken before its deadline', async () => {
    const { messages } = await storyOfRun(runOf(kindNamed('queue'), 16))
    const waited = messages.filter(({ type }) => type === 'bakery.bake').at(-1)!
    const takenMs = waited.taker!.node.startMs
    expect(takenMs - waited.sentMs).toBeGreaterThan(60_000)
    expect(takenMs).toBeLessThan(waited.node.span.attributes[SKEIN.deadline] as number)
  })

  it('is a message that is kept for a later state, which takes it', async () => {
    const { messages } = await storyOfRun(runOf(kindNamed('reminders'), 13))
    const kept = messages.filter(({ taker }) => taker?.disposition === 'deferred')
    expect(kept).not.toEqual([])
    const later = kept.flatMap(({ taker }) => taker!.conversation.turns.slice(taker!.number))
    expect(later.some(({ node }) => node.span.attributes[SKEIN.deferred] === undefined)).toBe(true)
  })
})
