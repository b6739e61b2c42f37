import { assign, emit } from 'xstate'
import { z } from 'zod'
import {
  agentStates,
  type BidderAccepts,
  type BidderContext,
  type BidderSends,
  bidding,
  contractNet,
  defineProtocol,
  lowest,
  newAgent,
  roleSetup,
  type TenderAccepts,
  type TenderContext,
  type TenderSends,
  tendering,
} from '../../../src/index.ts'

const translate = contractNet('translate', {
  task: z.object({ text: z.string() }),
  offer: z.object({ cents: z.number() }),
  result: z.object({ text: z.string() }),
})
type Translate = typeof translate

const shop = defineProtocol(
  'shop',
  1,
  { order: z.object({ text: z.string() }), delivery: z.object({ text: z.string() }) },
  { order: ['delivery'] },
)
type Shop = typeof shop.messages

// Who has a text translated: it calls three, waits five seconds, and gives the order to the cheapest.
const tender = tendering(translate, { replyByMs: 5_000, choose: lowest((offer) => offer.cents) })
const translators = [{ role: 'translator' }, { role: 'translator' }, { role: 'translator' }]

export const shopkeeper = roleSetup<
  TenderContext<Translate>,
  Shop['order'] | TenderAccepts<Translate>,
  Shop['delivery'] | TenderSends<Translate>
>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...tender.none }),
  initial: 'open',
  states: {
    open: {
      on: {
        'shop.order': {
          target: 'calling',
          actions: assign(({ context, event }) => tender.call(context, event.body, translators)),
        },
      },
    },
    ...tender.states({ done: 'delivering', failed: 'failed', calledOff: 'failed' }),
    delivering: {
      type: 'final',
      entry: emit(({ context }) => ({ type: 'shop.delivery', body: context.tender.result! })),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

// Who translates: it asks by the length of the text, and has its model work once the order is its own.
const bids = bidding(translate)

export const translator = roleSetup<
  BidderContext<Translate>,
  BidderAccepts<Translate>,
  BidderSends<Translate>
>([translate.messages.inform]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...bids.none }),
  initial: 'uncalled',
  on: bids.cancelled,
  states: {
    ...bids.states({ called: 'pricing', awarded: 'thinking' }),
    pricing: {
      always: {
        target: 'offering',
        actions: assign(({ context }) => bids.offer(context, { cents: context.contract.task!.text.length })),
      },
    },
    ...agentStates({ answered: 'delivering', gaveUp: 'failed' }),
    delivering: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'translate.inform',
        body: translate.messages.inform.body.parse(context.answer?.body),
      })),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})
