/** Processes that are killed in the middle of a run, and others that adopt what they leave. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { defineRole } from '../../../src/role/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { forecast, outlook, station, reading } = defineProtocol(
  'weather',
  1,
  {
    forecast: z.object({ stations: z.array(z.string()) }),
    outlook: z.object({ text: z.string() }),
    station: z.object({ name: z.string() }),
    reading: z.object({ degrees: z.number() }),
  },
  { forecast: ['outlook'], station: ['reading'] },
).messages

const meteorologist = gatherer({
  name: 'meteorologist',
  takes: forecast,
  gives: outlook,
  asks: [station],
  hears: [reading],
  parts: ({ stations }: { stations: string[] }) =>
    stations.map((name) => ({ role: 'observer', name: `at-${name}`, message: station, body: { name } })),
  compose: ({ found, gaps }) => ({
    text: `${Object.keys(found).length} read, ${Object.keys(gaps).length} not`,
  }),
})

const readGauge = defineTool({
  name: 'read_gauge',
  description: 'reads a gauge',
  input: z.object({ gauge: z.number() }),
  output: z.object({ degrees: z.number() }),
  async run({ gauge }, { clock, signal }) {
    await sleep(clock, 2_500, signal)
    return { output: { degrees: gauge * 3 } }
  },
})

const observer = defineRole({
  name: 'observer',
  description: 'reads gauges',
  instructions: '',
  accepts: [station],
  answers: [reading],
  tools: [readGauge],
  policy: steps(
    call('read_gauge', { gauge: 1 }),
    call('read_gauge', { gauge: 2 }),
    call('read_gauge', { gauge: 3 }),
    answer(reading, { degrees: 6 }),
  ),
})

export const killedAtWork: PlantedFault = {
  name: 'killed at work',
  what: 'One of two observers is killed while it reads its gauges; the other one adopts its conversation.',
  code: 'peer-died',
  blame: ['at-hill'],
  innocent: ['at-coast', 'goal'],
  run: () =>
    stage({
      goal: 'a forecast',
      start: {
        ...{ role: 'meteorologist', message: forecast, answers: [outlook] },
        body: { stations: ['coast', 'hill'] },
      },
      processes: [
        process('office', meteorologist),
        { ...process('first', observer), diesAt: 7_000 },
        process('second', observer),
      ],
    }),
}

const { pay, receipt } = defineProtocol(
  'payment',
  1,
  { pay: z.object({ to: z.string(), amount: z.number() }), receipt: z.object({ text: z.string() }) },
  { pay: ['receipt'] },
).messages

const transfer = defineTool({
  name: 'transfer_money',
  description: 'transfers money, once',
  input: z.object({ to: z.string(), amount: z.number() }),
  output: z.object({ reference: z.string() }),
  idempotent: false,
  async run(_, { clock, signal }) {
    await sleep(clock, 8_000, signal)
    return { output: { reference: 'T-1' } }
  },
})
const lookUp = defineTool({
  name: 'look_up_transfers',
  description: 'what was transferred',
  input: z.object({ to: z.string() }),
  output: z.object({ references: z.array(z.string()) }),
  run: async () => ({ output: { references: ['T-1'] } }),
})

/** What died is not run again: it looks up what became of it. */
const teller = defineRole({
  name: 'teller',
  description: 'pays',
  instructions: '',
  accepts: [pay],
  answers: [receipt],
  tools: [transfer, lookUp],
  policy({ transcript }) {
    const last = transcript.at(-1)!
    if (last.kind === 'message') return call('transfer_money', last.body)
    if (last.kind === 'error') return call('look_up_transfers', { to: 'the mill' })
    return answer(receipt, { text: 'paid' })
  },
})

export const killedTwice: PlantedFault = {
  name: 'killed twice',
  what: 'A teller is killed while it transfers money, and its adopter soon after; a third process ends the matter.',
  code: 'peer-died',
  blame: ['goal'],
  run: () =>
    stage({
      goal: 'pay the mill',
      start: { role: 'teller', message: pay, body: { to: 'the mill', amount: 40 }, answers: [receipt] },
      processes: [
        { ...process('first', teller), diesAt: 5_000 },
        { ...process('second', teller), joinsAt: 6_000, diesAt: 17_000 },
        { ...process('third', teller), joinsAt: 21_000 },
      ],
      pace: { teller: { slowestMs: 4_000 } },
    }),
}
