/** A turn is a handful of steps, and a process may be killed beside each of them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type NatsServer, startNatsServer } from '../nats-server.ts'
import type { Chapter } from './kill/chapter.ts'
import { bundleProgram } from './kill/life.ts'
import type { Order } from './kill/shop.ts'
import { tell } from './kill/story.ts'
import type { Place } from './kill/trap.ts'

/** Every step of a run of the shop, in its order. */
const STEPS = [
  'commit clerk: shop.order → thinking',
  'ack shop.order',
  'call model 1',
  'commit clerk: chat → asking',
  'publish shop.price',
  'commit teller: shop.price → done',
  'publish shop.quote',
  'commit teller: settled → done',
  'ack shop.price',
  'commit clerk: shop.quote → thinking',
  'ack shop.quote',
  'call model 2',
  'commit clerk: chat → acting',
  'call tool',
  'commit clerk: tool → thinking',
  'call model 3',
  'commit clerk: chat → done',
  'publish shop.receipt',
  'commit clerk: settled → done',
]
const CALLS = STEPS.filter((step) => step.startsWith('call '))

/** What the conversations take, however often somebody dies. */
const TAKEN = {
  origin: ['run.start', 'shop.receipt'],
  goal: [
    'shop.order',
    'xstate.done.actor.chat',
    'shop.quote',
    'xstate.done.actor.chat',
    'xstate.done.actor.tool',
    'xstate.done.actor.chat',
  ],
  'goal-q1': ['shop.price'],
}

const sides: readonly Place['when'][] = ['before', 'after']

let server: NatsServer
let folder: string
let program: string
let runs = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skein-kill-'))
  program = await bundleProgram(folder)
  server = await startNatsServer()
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
})

const sell = (pay: Order['pay'], ...deaths: Place[]) =>
  tell({ url: server.url, prefix: `kill${++runs}`, program, folder, order: { item: 'milk', pay }, deaths })

const receipt = (paid: 'yes' | 'unknown') => ({
  kind: 'answer',
  type: 'shop.receipt',
  body: { item: 'milk', price: 4, paid },
})

/** All but the last process were killed, and the last called what had no recorded outcome by then, and nothing else. */
function expectAllButLastKilled(chapters: readonly Chapter[]): void {
  const [heir, ...dead] = chapters.toReversed()
  const recorded = dead.flatMap((chapter) => chapter.recorded)
  expect(dead.map(({ end }) => end)).toEqual(dead.map(() => 'SIGKILL'))
  expect(heir?.end).toBe(0)
  expect(heir?.calls).toEqual(CALLS.filter((call) => !recorded.includes(call)))
}

describe.concurrent('a run', () => {
  it('goes through these steps and no others', async () => {
    const { output, taken, chapters } = await sell('write_invoice')
    expect(output).toEqual(receipt('yes'))
    expect(taken).toEqual(TAKEN)
    expect(chapters[0]?.steps.toSorted()).toEqual(STEPS.toSorted())
  })

  it.each(STEPS.flatMap((step) => sides.map((when) => [when, step] as const)))(
    'is completed by another process when one is killed %s "%s"',
    async (when, step) => {
      const { output, taken, chapters } = await sell('write_invoice', { when, step })
      expect(output).toEqual(receipt('yes'))
      expect(taken).toEqual(TAKEN)
      expectAllButLastKilled(chapters)
    },
  )
})

describe.concurrent('a takeover', () => {
  const left = [
    ['a call under way', 'call tool', 'acting'],
    ['a question to publish', 'commit clerk: chat → asking', 'asking'],
    ['its answer to publish', 'commit clerk: chat → done', 'done'],
  ] as const

  it.each(left.flatMap(([what, ...rest]) => sides.map((when) => [what, when, ...rest] as const)))(
    'of a conversation with %s is made good by a third process when one is killed %s its commit',
    async (_, when, step, state) => {
      const { output, taken, chapters } = await sell(
        'write_invoice',
        { when: 'after', step },
        { when, step: `commit clerk: takeover → ${state}` },
      )
      expect(output).toEqual(receipt('yes'))
      expect(taken).toEqual(TAKEN)
      expectAllButLastKilled(chapters)
    },
  )
})

describe.concurrent('a tool that must not be run twice', () => {
  it.each([
    ['before', 'call tool', 0, 'unknown'],
    ['after', 'call tool', 1, 'unknown'],
    ['before', 'commit clerk: tool → thinking', 1, 'unknown'],
    ['after', 'commit clerk: tool → thinking', 1, 'yes'],
  ] as const)(
    'is not, when its process is killed %s "%s": it ran %i times, paid: %s',
    async (when, step, times, paid) => {
      const { output, taken, chapters } = await sell('charge_card', { when, step })
      expect(chapters.map(({ end }) => end)).toEqual(['SIGKILL', 0])
      expect(output).toEqual(receipt(paid))
      expect(chapters.flatMap(({ calls }) => calls).filter((call) => call === 'call tool')).toHaveLength(
        times,
      )
      const outcome = paid === 'yes' ? 'xstate.done.actor.tool' : 'xstate.error.actor.tool'
      expect(taken.goal).toEqual(TAKEN.goal.with(4, outcome))
    },
  )
})
