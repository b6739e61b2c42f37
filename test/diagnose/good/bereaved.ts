/** Runs that lose a process and come to their end: worth a note, and no more. */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { storyOf } from '../../../traces/read/story.ts'
import { traceTree } from '../../../traces/read/tree.ts'
import { gatherer } from '../gatherer.ts'
import { answer } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { worker } from '../worker.ts'
import { between, type GoodKind } from './good-run.ts'

const { book, bound, leaf, written } = defineProtocol(
  'scriptorium',
  1,
  {
    book: z.object({ leaves: z.number() }),
    bound: z.object({ leaves: z.number() }),
    leaf: z.object({ number: z.number() }),
    written: z.object({ number: z.number() }),
  },
  { book: ['bound'], leaf: ['written'] },
).messages

const abbot = gatherer({
  ...{ name: 'abbot', takes: book, gives: bound, asks: [leaf], hears: [written] },
  parts: ({ leaves }: { leaves: number }) =>
    Array.from({ length: leaves }, (_, number) => ({
      ...{ role: 'monk', name: `leaf-${number}`, message: leaf, body: { number } },
    })),
  compose: ({ found }) => ({ leaves: Object.keys(found).length }),
})

const monk = worker('monk', {
  ...{ takes: leaf, gives: written },
  policy: ({ transcript }) => answer(written, (transcript[0] as { body: unknown }).body),
})

export const bereaved: GoodKind = {
  name: 'bereaved',
  async run(seed, random) {
    const { spans } = await stage({
      seed,
      goal: 'a book',
      start: { role: 'abbot', message: book, body: { leaves: between(random, 2, 4) }, answers: [bound] },
      processes: [
        process('cell', abbot),
        { ...process('north cell', monk), diesAt: between(random, 200, 9_000) },
        process('south cell', monk),
      ],
      pace: { monk: { slowestMs: 6_000 } },
    })
    const { takeovers } = storyOf(traceTree(spans))
    const note =
      takeovers.length > 0
        ? 'a process dies at work, and is adopted'
        : 'a process dies that had nothing to do'
    return { note, due: takeovers.length > 0 ? ['peer-died'] : [], spans }
  },
}
