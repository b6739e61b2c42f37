/**
 * Steps made again though nothing had changed. Three ways to it: a search that is repeated in the hope that it finds
 * more, a reply that never parses and never changes, and a round of two tools that leads back to where it began.
 */
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { defineRole } from '../../../src/role/define.ts'
import { sleep } from '../../../src/time/clock.ts'
import { defineTool } from '../../../src/tools/tool.ts'
import { gatherer } from '../gatherer.ts'
import { answer, call, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { commission, page, write, text, illustrate, pictures } = defineProtocol(
  'news',
  1,
  {
    commission: z.object({ story: z.string() }),
    page: z.object({ text: z.string(), pictures: z.array(z.string()) }),
    write: z.object({ about: z.string() }),
    text: z.object({ text: z.string() }),
    illustrate: z.object({ about: z.string() }),
    pictures: z.object({ files: z.array(z.string()) }),
  },
  { commission: ['page'], write: ['text'], illustrate: ['pictures'] },
).messages

const searchArchive = defineTool({
  name: 'search_archive',
  description: 'searches sixty years of the paper',
  input: z.object({ words: z.string() }),
  output: z.object({ hits: z.array(z.string()) }),
  async run({ words }, { clock, signal }) {
    await sleep(clock, 700, signal)
    return { output: { hits: words.startsWith('river') ? [`${words}, 1974`] : [] } }
  },
})

const chief = gatherer({
  name: 'chief',
  takes: commission,
  gives: page,
  asks: [write, illustrate],
  hears: [text, pictures],
  parts: ({ story }: { story: string }) => [
    { role: 'reporter', name: 'text', message: write, body: { about: story } },
    { role: 'picture-desk', name: 'pictures', message: illustrate, body: { about: story } },
  ],
  compose: ({ found }) => ({
    text: (found.text as { text: string }).text,
    pictures: (found.pictures as { files: string[] }).files,
  }),
})

const reporter = defineRole({
  name: 'reporter',
  description: 'writes a text',
  instructions: '',
  accepts: [write],
  answers: [text],
  tools: [searchArchive],
  // The mistake: nothing tells it what an empty result means, so it asks once more.
  policy: steps(
    ...Array.from({ length: 9 }, () => call('search_archive', { words: 'flood of the old mill' })),
    answer(text, { text: 'Little is known of the flood.' }),
  ),
})

const pictureDesk = defineRole({
  name: 'picture-desk',
  description: 'finds pictures',
  instructions: '',
  accepts: [illustrate],
  answers: [pictures],
  tools: [searchArchive],
  policy: steps(
    call('search_archive', { words: 'mill' }),
    call('search_archive', { words: 'river mill' }),
    call('search_archive', { words: 'river bridge' }),
    answer(pictures, { files: ['bridge.jpg'] }),
  ),
})

export const repeatedSearch: PlantedFault = {
  name: 'repeated search',
  what: 'A reporter searches for the same words nine times, and finds the same nothing each time.',
  code: 'repeated-steps',
  blame: ['text'],
  innocent: ['pictures', 'goal'],
  run: () =>
    stage({
      goal: 'a page about the flood',
      start: { role: 'chief', message: commission, body: { story: 'the flood of 1931' }, answers: [page] },
      processes: [process('desk', chief, reporter), process('pictures', pictureDesk)],
    }),
}

const { close, books, read, invoice } = defineProtocol(
  'ledger',
  1,
  {
    close: z.object({ month: z.string() }),
    books: z.object({ total: z.number(), missing: z.array(z.string()) }),
    read: z.object({ scan: z.string() }),
    invoice: z.object({ amount: z.number() }),
  },
  { close: ['books'], read: ['invoice'] },
).messages

const bookkeeper = gatherer({
  name: 'bookkeeper',
  takes: close,
  gives: books,
  asks: [read],
  hears: [invoice],
  parts: () =>
    ['a-17', 'a-18', 'a-19'].map((scan) => ({
      ...{ role: 'invoice-reader', name: `invoice-${scan}`, message: read, body: { scan } },
    })),
  compose: ({ found, gaps }) => ({
    total: Object.values(found).reduce<number>((sum, one) => sum + (one as { amount: number }).amount, 0),
    missing: Object.keys(gaps),
  }),
})

const invoiceReader = defineRole({
  name: 'invoice-reader',
  description: 'reads an invoice',
  instructions: '',
  accepts: [read],
  answers: [invoice],
  // The mistake: of one scan it reads the amount with its currency, and whatever it is told it says so again.
  policy({ transcript }) {
    const asked = transcript.find(({ kind }) => kind === 'message') as { body: { scan: string } }
    const amount = asked.body.scan === 'a-18' ? '1.250,00 EUR' : 480
    return answer(invoice, { amount })
  },
})

export const repeatedReply: PlantedFault = {
  name: 'repeated reply',
  what: 'An agent gives the same answer that does not parse four times, whatever it is told of it.',
  code: 'repeated-steps',
  blame: ['invoice-a-18'],
  innocent: ['invoice-a-17', 'invoice-a-19', 'goal'],
  run: () =>
    stage({
      goal: 'the books of March',
      start: { role: 'bookkeeper', message: close, body: { month: '2026-03' }, answers: [books] },
      processes: [
        process('office', bookkeeper),
        process('readers', invoiceReader),
        process('more', invoiceReader),
      ],
    }),
}

const { sort, sorted } = defineProtocol(
  'inbox',
  1,
  { sort: z.object({ queue: z.string() }), sorted: z.object({ done: z.number() }) },
  { sort: ['sorted'] },
).messages

const listTickets = defineTool({
  name: 'list_tickets',
  description: 'open tickets of a queue',
  input: z.object({ queue: z.string() }),
  output: z.object({ open: z.array(z.number()) }),
  run: async () => ({ output: { open: [17, 21] } }),
})
const readTicket = defineTool({
  name: 'read_ticket',
  description: 'one ticket',
  input: z.object({ number: z.number() }),
  output: z.object({ text: z.string() }),
  run: async ({ number }) => ({ output: { text: `ticket ${number}: the door is stuck` } }),
})

const sorter = defineRole({
  name: 'sorter',
  description: 'sorts tickets',
  instructions: '',
  accepts: [sort],
  answers: [sorted],
  tools: [listTickets, readTicket],
  // The mistake: it has no tool that closes a ticket, so it finds the same one open whenever it looks.
  policy: steps(
    ...Array.from({ length: 7 }, () => [
      call('list_tickets', { queue: 'doors' }),
      call('read_ticket', { number: 17 }),
    ]).flat(),
    { kind: 'give-up', reason: 'the queue does not get shorter' },
  ),
})

export const repeatedRound: PlantedFault = {
  name: 'repeated round',
  what: 'An agent lists tickets and reads the first one, seven times over: it cannot close any.',
  code: 'repeated-steps',
  blame: ['goal'],
  run: () =>
    stage({
      goal: 'sort the tickets',
      start: { role: 'sorter', message: sort, body: { queue: 'doors' }, answers: [sorted] },
      processes: [process('one', sorter)],
      seed: 4,
    }),
}
