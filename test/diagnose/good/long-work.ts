/** Work that takes many steps and comes to an end: page after page, some of them empty, one of them read twice. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const {
  compile,
  index,
  volume,
  entries,
  'look-up': lookUp,
  meaning,
} = defineProtocol(
  'dictionary',
  1,
  {
    compile: z.object({ volumes: z.array(z.string()) }),
    index: z.object({ entries: z.number() }),
    volume: z.object({ name: z.string() }),
    entries: z.object({ count: z.number() }),
    'look-up': z.object({ word: z.string() }),
    meaning: z.object({ text: z.string() }),
  },
  { compile: ['index'], volume: ['entries'], 'look-up': ['meaning'] },
).messages

const turn = defineTool({
  name: 'turn_to',
  description: 'a page of a volume',
  input: z.object({ volume: z.string(), page: z.number() }),
  output: z.object({ words: z.array(z.string()) }),
  async run({ page }, { clock, signal }) {
    await sleep(clock, 250, signal)
    return { output: { words: page % 3 === 0 ? [] : [`word ${page}`] } }
  },
})

/** Every one of them asks the oracle of words the same thing, each for itself. */
const indexer = (pages: number) =>
  worker('indexer', {
    ...{ takes: volume, gives: entries, tools: [turn] },
    asks: { oracle: { message: lookUp, answers: [meaning] } },
    policy({ transcript }) {
      const { name } = (transcript[0] as { body: { name: string } }).body
      const done = transcript.filter(({ kind }) => kind === 'reply').length
      if (done === 1) return call('ask_oracle', { word: 'skein' })
      // It turns back to the first page once, at the end.
      if (done <= pages) return call('turn_to', { volume: name, page: done === pages ? 0 : done })
      return answer(entries, { count: pages })
    },
  })

const oracle = worker('oracle', {
  ...{ takes: lookUp, gives: meaning },
  policy: () => answer(meaning, { text: 'a length of thread' }),
})

const compiler = gatherer({
  ...{ name: 'compiler', takes: compile, gives: index, asks: [volume], hears: [entries] },
  parts: ({ volumes }: { volumes: string[] }) =>
    volumes.map((name) => ({ role: 'indexer', name: `volume-${name}`, message: volume, body: { name } })),
  compose: ({ found }) => ({ entries: Object.keys(found).length }),
})

export const longWork: GoodKind = {
  name: 'long work',
  async run(seed, random) {
    const pages = between(random, 5, 16)
    const volumes = ['a', 'b', 'c'].slice(0, between(random, 1, pages > 10 ? 1 : 3))
    const { spans } = await stage({
      seed,
      goal: 'an index',
      start: { role: 'compiler', message: compile, body: { volumes }, answers: [index] },
      processes: [
        process('library', compiler, oracle),
        ...volumes.map((name) => process(`table ${name}`, indexer(pages))),
      ],
      pace: { indexer: { slowestMs: 1_800 } },
    })
    return {
      note: `${pages} calls with another input each, empty pages among them; ${volumes.length} ask the same question`,
      due: [],
      spans,
    }
  },
}
