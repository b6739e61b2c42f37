/** Two who go back and forth and get somewhere: every offer is another one, until they agree. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { answer } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { between, type GoodKind } from './good-run.ts'

const { sell, sold, offer, counter } = defineProtocol(
  'haggling',
  1,
  {
    sell: z.object({ least: z.number() }),
    sold: z.object({ price: z.number() }),
    offer: z.object({ price: z.number() }),
    counter: z.object({ price: z.number(), agreed: z.boolean() }),
  },
  { sell: ['sold'], offer: ['counter'] },
).messages

type SellerContext = AgentContext & { readonly price: number }

/** It comes down by ten each time. */
const seller = defineRole({
  name: 'trader',
  description: 'sells',
  instructions: '',
  accepts: [sell, counter],
  answers: [sold],
  sends: [offer],
  machine: roleSetup<SellerContext, typeof sell | typeof counter, typeof sold | typeof offer>(
    [],
  ).createMachine({
    id: 'trader',
    context: ({ input }) => ({ ...newAgent(input), price: 150 }),
    initial: 'idle',
    states: {
      idle: { on: { 'haggling.sell': 'offering' } },
      offering: {
        entry: [
          assign(({ context }) => ({ price: context.price - 10 })),
          emit(({ context }) => ({
            type: 'haggling.offer' as const,
            body: { price: context.price },
            to: { role: 'customer', conversation: 'table' },
          })),
        ],
        on: {
          'haggling.counter': [
            {
              guard: ({ event }) => event.body.agreed,
              target: 'sold',
              actions: emit(({ event }) => ({
                type: 'haggling.sold' as const,
                body: { price: event.body.price },
              })),
            },
            { target: 'pausing' },
          ],
          failure: 'failed',
        },
      },
      pausing: { after: { 3000: 'offering' } },
      sold: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

/** One conversation for the whole of it: it stays at the table until it has agreed. */
const customer = (most: number) =>
  defineRole({
    name: 'customer',
    description: 'buys',
    instructions: '',
    accepts: [offer],
    answers: [counter],
    policy({ transcript }) {
      const offers = transcript.flatMap((entry) =>
        entry.kind === 'message' ? [(entry.body as { price: number }).price] : [],
      )
      const last = offers.at(-1)!
      const agreed = last <= most
      return answer(counter, { price: agreed ? last : 20 + 7 * offers.length, agreed })
    },
    machine: roleSetup<AgentContext, typeof offer, typeof counter>([counter]).createMachine({
      id: 'customer',
      context: ({ input }) => newAgent(input),
      initial: 'listening',
      states: {
        listening: { on: { 'haggling.offer': { target: 'thinking', actions: 'hear' } } },
        ...agentStates({ answered: 'answering', gaveUp: 'failed' }),
        answering: {
          entry: emit(({ context }) => ({
            type: 'haggling.counter' as const,
            body: context.answer!.body as { price: number; agreed: boolean },
          })),
          always: [
            {
              guard: ({ context }) => (context.answer!.body as { agreed: boolean }).agreed,
              target: 'content',
            },
            { target: 'listening' },
          ],
        },
        content: { type: 'final' },
        failed: { type: 'final', entry: 'sayProblem' },
      },
    }),
  })

export const haggling: GoodKind = {
  name: 'haggling',
  async run(seed, random) {
    const most = 10 * between(random, 5, 12)
    const { spans } = await stage({
      seed,
      goal: 'sell a clock',
      start: { role: 'trader', message: sell, body: { least: 30 }, answers: [sold] },
      processes: [process('stall', seller), process('street', customer(most))],
      pace: { customer: { slowestMs: 1_500 } },
    })
    return { note: `${(150 - most) / 10} offers, each another, until one is taken`, due: [], spans }
  },
}
