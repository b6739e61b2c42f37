/** Agents that wait for each other, in a circle: nobody can answer before he is answered. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { gatherer } from '../gatherer.ts'
import { answer, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { deal, done, price, quote, budget, means } = defineProtocol(
  'bazaar',
  1,
  {
    deal: z.object({ thing: z.string() }),
    done: z.object({ price: z.number().nullable() }),
    price: z.object({ thing: z.string() }),
    quote: z.object({ price: z.number() }),
    budget: z.object({ thing: z.string() }),
    means: z.object({ most: z.number() }),
  },
  { deal: ['done'], price: ['quote'], budget: ['means'] },
).messages

/** The mistake: it says what it can spend only once it knows the price. */
const buyer = defineRole({
  name: 'buyer',
  description: 'buys',
  instructions: '',
  accepts: [deal, quote, budget],
  answers: [done, means],
  sends: [price],
  machine: roleSetup<
    AgentContext,
    typeof deal | typeof quote | typeof budget,
    typeof done | typeof means | typeof price
  >([]).createMachine({
    id: 'buyer',
    context: ({ input }) => newAgent(input),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'bazaar.deal': {
            target: 'asking',
            actions: emit(({ event }) => ({
              ...{ type: 'bazaar.price' as const, body: event.body, timeoutMs: 120_000 },
              to: { role: 'seller', conversation: 'stall' },
            })),
          },
        },
      },
      asking: {
        on: {
          'bazaar.quote': {
            target: 'bargaining',
            actions: emit(({ event }) => ({ type: 'bazaar.done' as const, body: event.body })),
          },
          failure: {
            target: 'bargaining',
            actions: emit({ type: 'bazaar.done', body: { price: null } }),
          },
        },
      },
      bargaining: {
        on: { 'bazaar.budget': { actions: emit({ type: 'bazaar.means', body: { most: 40 } }) } },
      },
    },
  }),
})

/** And this one says the price only once it knows what the buyer can spend. */
const seller = defineRole({
  name: 'seller',
  description: 'sells',
  instructions: '',
  accepts: [price, means],
  answers: [quote],
  sends: [budget],
  machine: roleSetup<AgentContext, typeof price | typeof means, typeof quote | typeof budget>(
    [],
  ).createMachine({
    id: 'seller',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: {
        on: {
          'bazaar.price': {
            target: 'sounding',
            actions: emit(({ event }) => ({
              ...{ type: 'bazaar.budget' as const, body: event.body },
              to: { role: 'buyer', conversation: 'goal' },
            })),
          },
        },
      },
      sounding: {
        on: {
          'bazaar.means': {
            target: 'quoted',
            actions: emit(({ event }) => ({
              type: 'bazaar.quote' as const,
              body: { price: event.body.most },
            })),
          },
          failure: 'failed',
        },
      },
      quoted: { type: 'final' },
      failed: { type: 'final', entry: assign({ problem: 'no bargain' }) },
    },
  }),
})

export const eachOther: PlantedFault = {
  name: 'each other',
  what: 'A buyer asks for the price, the seller asks for the budget first, and each waits for the other.',
  code: 'cycle-of-waits',
  blame: ['goal', 'stall'],
  run: () =>
    stage({
      goal: 'buy a carpet',
      start: { role: 'buyer', message: deal, body: { thing: 'carpet' }, answers: [done] },
      processes: [process('left', buyer), process('right', seller)],
    }),
}

const { permit, decision, sight, seen, copy, copied } = defineProtocol(
  'permits',
  1,
  {
    permit: z.object({ house: z.string() }),
    decision: z.object({ signed: z.array(z.string()), open: z.array(z.string()) }),
    sight: z.object({ house: z.string() }),
    seen: z.object({ by: z.string() }),
    copy: z.object({ house: z.string() }),
    copied: z.object({ pages: z.number() }),
  },
  { permit: ['decision'], sight: ['seen'], copy: ['copied'] },
).messages

/** The mistake: each office signs only what the next one has signed, and the third one's next is the first. */
const office = (name: string, next: string) =>
  defineRole({
    name,
    description: 'signs',
    instructions: '',
    accepts: [sight, seen],
    answers: [seen],
    sends: [sight],
    machine: roleSetup<AgentContext, typeof sight | typeof seen, typeof seen | typeof sight>(
      [],
    ).createMachine({
      id: name,
      context: ({ input }) => newAgent(input),
      initial: 'waiting',
      states: {
        waiting: {
          on: {
            'permits.sight': {
              target: 'consulting',
              actions: emit(({ event }) => ({
                ...{ type: 'permits.sight' as const, body: event.body, timeoutMs: 200_000 },
                to: { role: next, conversation: `file-${next}` },
              })),
            },
          },
        },
        consulting: {
          on: {
            'permits.seen': {
              target: 'signed',
              actions: emit({ type: 'permits.seen', body: { by: name } }),
            },
            failure: { target: 'signed', actions: assign({ problem: 'nobody signed' }) },
          },
        },
        signed: { type: 'final' },
      },
    }),
  })

const registry = gatherer({
  name: 'registry',
  takes: permit,
  gives: decision,
  asks: [sight, copy],
  hears: [seen, copied],
  parts: (body: { house: string }) => [
    { role: 'fire', name: 'file-fire', message: sight, body },
    { role: 'copyist', name: 'copies', message: copy, body },
  ],
  compose: ({ found, gaps }) => ({ signed: Object.keys(found), open: Object.keys(gaps) }),
})

const copyist = defineRole({
  name: 'copyist',
  description: 'copies',
  instructions: '',
  accepts: [copy],
  answers: [copied],
  policy: steps(answer(copied, { pages: 14 })),
})

export const roundOfThree: PlantedFault = {
  name: 'round of three',
  what: 'Fire asks water, water asks heritage and heritage asks fire; each signs only after the one it asks.',
  code: 'cycle-of-waits',
  blame: ['file-fire', 'file-water', 'file-heritage'],
  innocent: ['copies'],
  run: () =>
    stage({
      goal: 'a permit',
      start: { role: 'registry', message: permit, body: { house: 'by the mill' }, answers: [decision] },
      processes: [
        process('hall', registry, copyist),
        process('one', office('fire', 'water')),
        process('two', office('water', 'heritage'), office('heritage', 'fire')),
      ],
      timeoutMs: 1_800_000,
    }),
}
