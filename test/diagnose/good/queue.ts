/** Work that waits its turn: one worker, more tasks than it can take at once, and patience enough; and a budget that is enough. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const { feast, served, bake, baked } = defineProtocol(
  'bakery',
  1,
  {
    feast: z.object({ loaves: z.number() }),
    served: z.object({ loaves: z.number() }),
    bake: z.object({ loaf: z.number() }),
    baked: z.object({ loaf: z.number() }),
  },
  { feast: ['served'], bake: ['baked'] },
).messages

const oven = defineTool({
  name: 'oven',
  description: 'bakes a loaf',
  input: z.object({ loaf: z.number() }),
  output: z.object({ minutes: z.number() }),
  timeoutMs: 120_000,
  async run(_, { clock, signal }) {
    await sleep(clock, 40_000, signal)
    return { output: { minutes: 40 } }
  },
})

const baker = worker('oven-keeper', {
  ...{ takes: bake, gives: baked, tools: [oven] },
  policy(request) {
    const { body } = request.transcript[0] as { body: { loaf: number } }
    return steps(call('oven', body), answer(baked, body))(request)
  },
})

const steward = gatherer({
  ...{ name: 'steward', takes: feast, gives: served, asks: [bake], hears: [baked] },
  parts: ({ loaves }: { loaves: number }) =>
    Array.from({ length: loaves }, (_, loaf) => ({
      ...{ role: 'oven-keeper', name: `loaf-${loaf}`, message: bake, body: { loaf }, timeoutMs: 600_000 },
    })),
  compose: ({ found }) => ({ loaves: Object.keys(found).length }),
})

export const queue: GoodKind = {
  name: 'queue',
  async run(seed, random) {
    const loaves = between(random, 2, 5)
    const { spans } = await stage({
      seed,
      goal: 'bread for a feast',
      start: { role: 'steward', message: feast, body: { loaves }, answers: [served] },
      processes: [process('hall', steward), process('bakery', baker)],
      limits: { tokens: 200_000, money: null, messages: 200 },
    })
    return {
      note: `${loaves} tasks for one oven: the last waits for minutes, and is taken in time`,
      due: [],
      spans,
    }
  },
}
