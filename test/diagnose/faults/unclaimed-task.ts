/** Work that nobody takes: there is no peer of the role, or all of them are busy for longer than it can wait. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { defineRole } from '../../../src/role/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { publish, editions, translate, text } = defineProtocol(
  'leaflet',
  1,
  {
    publish: z.object({ languages: z.array(z.string()) }),
    editions: z.object({ ready: z.array(z.string()), missing: z.array(z.string()) }),
    translate: z.object({ language: z.string() }),
    text: z.object({ text: z.string() }),
  },
  { publish: ['editions'], translate: ['text'] },
).messages

const translator = (language: string) =>
  defineRole({
    name: `translator-${language}`,
    description: `translates into ${language}`,
    instructions: '',
    accepts: [translate],
    answers: [text],
    policy: steps(answer(text, { text: `… in ${language}` })),
  })

const printer = gatherer({
  name: 'printer',
  takes: publish,
  gives: editions,
  asks: [translate],
  hears: [text],
  parts: ({ languages }: { languages: string[] }) =>
    languages.map((language) => ({
      ...{ role: `translator-${language}`, name: `in-${language}`, message: translate },
      ...{ body: { language }, timeoutMs: 90_000 },
    })),
  compose: ({ found, gaps }) => ({ ready: Object.keys(found), missing: Object.keys(gaps) }),
})

export const nobodyThere: PlantedFault = {
  name: 'nobody there',
  what: 'A leaflet is to be in three languages, and no process hosts a translator for one of them.',
  code: 'unclaimed-task',
  blame: ['goal', 'in-finnish'],
  innocent: ['in-dutch', 'in-greek'],
  run: () =>
    stage({
      goal: 'a leaflet',
      start: {
        ...{ role: 'printer', message: publish, answers: [editions] },
        body: { languages: ['dutch', 'finnish', 'greek'] },
      },
      // The mistake: one role was left out of the flock.
      processes: [process('press', printer), process('words', translator('dutch'), translator('greek'))],
    }),
}

const { order, results, analyse, analysed } = defineProtocol(
  'laboratory',
  1,
  {
    order: z.object({ samples: z.array(z.string()) }),
    results: z.object({ done: z.array(z.string()), missing: z.array(z.string()) }),
    analyse: z.object({ sample: z.string() }),
    analysed: z.object({ result: z.string() }),
  },
  { order: ['results'], analyse: ['analysed'] },
).messages

const incubate = defineTool({
  name: 'incubate',
  description: 'leaves a sample in the warm for a quarter of an hour',
  input: z.object({ sample: z.string() }),
  output: z.object({ grown: z.boolean() }),
  timeoutMs: 1_200_000,
  async run(_, { clock, signal }) {
    await sleep(clock, 900_000, signal)
    return { output: { grown: true } }
  },
})

const technician = defineRole({
  name: 'technician',
  description: 'analyses samples, one at a time',
  instructions: '',
  accepts: [analyse],
  answers: [analysed],
  tools: [incubate],
  policy(request) {
    const { body } = request.transcript[0] as { body: { sample: string } }
    return steps(call('incubate', body), answer(analysed, { result: `${body.sample}: grown` }))(request)
  },
})

/** The mistake: each sample may wait for five minutes, and one technician takes a quarter of an hour for each. */
const physician = gatherer({
  name: 'physician',
  takes: order,
  gives: results,
  asks: [analyse],
  hears: [analysed],
  parts: ({ samples }: { samples: string[] }) =>
    samples.map((sample, index) => ({
      ...{ role: 'technician', name: `sample-${sample}`, message: analyse, body: { sample } },
      timeoutMs: index === 0 ? 1_800_000 : 300_000,
    })),
  compose: ({ found, gaps }) => ({ done: Object.keys(found), missing: Object.keys(gaps) }),
})

export const allBusy: PlantedFault = {
  name: 'all busy',
  what: 'Three samples for one technician: while the first is incubated, the others wait past their deadlines.',
  code: 'unclaimed-task',
  blame: ['goal', 'sample-b', 'sample-c'],
  run: () =>
    stage({
      goal: 'three results',
      start: {
        ...{ role: 'physician', message: order, answers: [results] },
        body: { samples: ['a', 'b', 'c'] },
      },
      processes: [process('ward', physician), process('laboratory', technician)],
      timeoutMs: 7_200_000,
    }),
}
