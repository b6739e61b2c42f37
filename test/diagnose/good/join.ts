/** Work that is split, by one or by one below another, and joined again; now and then a part fails, and that is said. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool, ToolError } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const { census, totals, district, tally, street, count } = defineProtocol(
  'census',
  1,
  {
    census: z.object({ districts: z.array(z.string()) }),
    totals: z.object({ sum: z.number(), missing: z.array(z.string()) }),
    district: z.object({ name: z.string() }),
    tally: z.object({ sum: z.number(), missing: z.array(z.string()) }),
    street: z.object({ name: z.string() }),
    count: z.object({ count: z.number() }),
  },
  { census: ['totals'], district: ['tally'], street: ['count'] },
).messages

const ring = defineTool({
  name: 'ring_doors',
  description: 'counts who opens',
  input: z.object({ street: z.string() }),
  output: z.object({ count: z.number() }),
  async run({ street: name }, { clock, signal }) {
    await sleep(clock, 200 + 100 * name.length, signal)
    if (name.endsWith('0')) throw new ToolError('closed', 'the street is closed off')
    return { output: { count: name.length } }
  },
})

/** Where a street is closed off it says so, and that is an answer as well. */
const counter = worker('counter', {
  ...{ takes: street, gives: count, tools: [ring] },
  policy({ transcript }) {
    const last = transcript.at(-1)!
    if (last.kind === 'message') return call('ring_doors', { street: (last.body as { name: string }).name })
    if (last.kind === 'result') return answer(count, last.output)
    return { kind: 'give-up', reason: 'the street is closed off' }
  },
})

const sumOf = (found: Readonly<Record<string, unknown>>, key: 'sum' | 'count') =>
  Object.values(found).reduce<number>((sum, one) => sum + ((one as Record<string, number>)[key] ?? 0), 0)

const captain = (streets: number, first: number) =>
  gatherer({
    ...{ name: 'captain', takes: district, gives: tally, asks: [street], hears: [count] },
    parts: ({ name }: { name: string }) =>
      Array.from({ length: streets }, (_, index) => ({
        ...{ role: 'counter', name: `${name}-${index}`, message: street },
        body: { name: `${name}-${first + index}` },
      })),
    compose: ({ found, gaps }) => ({ sum: sumOf(found, 'count'), missing: Object.keys(gaps) }),
  })

const mayor = gatherer({
  ...{ name: 'mayor', takes: census, gives: totals, asks: [district], hears: [tally] },
  parts: ({ districts }: { districts: string[] }) =>
    districts.map((name) => ({ role: 'captain', name, message: district, body: { name } })),
  compose: ({ found, gaps }) => ({ sum: sumOf(found, 'sum'), missing: Object.keys(gaps) }),
})

export const join: GoodKind = {
  name: 'joins below joins',
  async run(seed, random) {
    const districts = ['east', 'north', 'south', 'west'].slice(0, between(random, 1, 3))
    const { spans } = await stage({
      seed,
      goal: 'count the people',
      start: { role: 'mayor', message: census, body: { districts }, answers: [totals] },
      processes: [
        process('hall', mayor, captain(between(random, 1, 3), between(random, 0, 4))),
        ...['foot', 'bicycle'].map((name) => process(name, counter)),
      ],
      pace: { counter: { slowestMs: between(random, 500, 9_000) } },
    })
    return { note: 'one is slow, one street is closed off, and the totals say so', due: [], spans }
  },
}
