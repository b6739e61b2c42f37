/**
 * A flock that translates by contract net: a shop calls whom it is told to, and awards the order to the cheapest.
 * The second and the third ask the same; some are shy and refuse, some never say a word.
 */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { contractNet } from '../../protocols/contract-net.ts'
import { defineProtocol } from '../../protocols/define.ts'
import {
  lowest,
  type TenderAccepts,
  type TenderContext,
  type TenderSends,
  tendering,
} from '../../src/coordination/contract-net.ts'
import {
  type BidderAccepts,
  type BidderContext,
  type BidderSends,
  bidding,
} from '../../src/coordination/contract-net-bidder.ts'
import type { Party } from '../../src/coordination/parties.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'

export const translate = contractNet('translate', {
  task: z.object({ text: z.string() }),
  offer: z.object({ cents: z.number() }),
  result: z.object({ text: z.string() }),
})
type Translate = typeof translate
const net = translate.messages

const shop = defineProtocol(
  'shop',
  1,
  {
    order: z.object({
      text: z.string(),
      bidders: z.array(z.object({ role: z.string(), peer: z.string().optional() })),
    }),
    delivery: z.object({ text: z.string(), cents: z.number() }),
  },
  { order: ['delivery'] },
)
const { order, delivery } = shop.messages

export type ShopOptions = {
  readonly replyByMs: number
  readonly workMs?: number
  /** It takes nothing dearer. */
  readonly most?: number
  /** When it calls all off, in milliseconds. */
  readonly patienceMs?: number
}

const shopkeeper = ({ replyByMs, workMs, most = 1_000, patienceMs = 10_000_000 }: ShopOptions) => {
  const tender = tendering(translate, {
    replyByMs,
    ...(workMs !== undefined && { workMs }),
    choose: (bids) =>
      lowest<{ cents: number }>(({ cents }) => cents)(bids.filter(({ offer }) => offer.cents <= most)),
  })
  const machine = roleSetup<
    TenderContext<Translate>,
    typeof order | TenderAccepts<Translate>,
    typeof delivery | TenderSends<Translate>
  >([]).createMachine({
    id: 'shopkeeper',
    context: ({ input }) => ({ ...newAgent(input), ...tender.none }),
    initial: 'open',
    after: { [patienceMs]: '.callingOff' },
    states: {
      open: {
        on: {
          'shop.order': {
            target: 'calling',
            actions: assign(({ context, event: { body } }) =>
              tender.call(context, { text: body.text }, body.bidders as readonly Party[]),
            ),
          },
        },
      },
      ...tender.states({ done: 'delivering', failed: 'failed', calledOff: 'failed' }),
      delivering: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'shop.delivery' as const,
          body: { text: context.tender.result!.text, cents: tender.chosen(context)!.offer.cents },
        })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  })
  return defineRole({
    name: 'shopkeeper',
    description: 'has texts translated',
    instructions: '',
    accepts: [order, net.propose, net.refuse, net.inform],
    answers: [delivery],
    sends: [net.cfp, net['accept-proposal'], net['reject-proposal'], net.cancel],
    machine,
  })
}

const bids = bidding(translate)
const bidderSetup = roleSetup<BidderContext<Translate>, BidderAccepts<Translate>, BidderSends<Translate>>([
  net.inform,
])

/** What the bidder of a conversation asks: two of the first three the same. */
const CENTS = [90, 70, 70]
const centsOf = (name: string) => CENTS[Number(name.at(-1)) - 1] ?? 100

const translatorMachine = bidderSetup.createMachine({
  id: 'translator',
  context: ({ input }) => ({ ...newAgent(input), ...bids.none }),
  initial: 'uncalled',
  on: bids.cancelled,
  states: {
    ...bids.states({ called: 'pricing', awarded: 'thinking' }),
    pricing: {
      always: {
        target: 'offering',
        actions: assign(({ context }) => bids.offer(context, { cents: centsOf(context.input.name) })),
      },
    },
    ...agentStates({ answered: 'delivering', gaveUp: 'failed' }),
    delivering: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'translate.inform' as const,
        body: context.answer!.body as { result: { text: string } },
      })),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

/** Whatever it was asked, aloud. */
const policy: OfflinePolicy = ({ transcript }) => {
  const [called] = transcript.flatMap((entry) => (entry.kind === 'message' ? [entry.body] : []))
  const { text } = (called as { task: { text: string } }).task
  return { kind: 'answer', type: 'translate.inform', body: { result: { text: text.toUpperCase() } } }
}

const shyMachine = bidderSetup.createMachine({
  id: 'shy',
  context: ({ input }) => ({ ...newAgent(input), ...bids.none }),
  initial: 'uncalled',
  on: bids.cancelled,
  states: {
    ...bids.states({ called: 'pricing', awarded: 'rejected' }),
    pricing: {
      always: {
        target: 'declining',
        actions: assign(({ context }) => bids.decline(context, 'I would rather not')),
      },
    },
  },
})

const muteMachine = bidderSetup.createMachine({
  id: 'mute',
  context: ({ input }) => ({ ...newAgent(input), ...bids.none }),
  initial: 'uncalled',
  on: bids.cancelled,
  states: { ...bids.states({ called: 'silent', awarded: 'rejected' }), silent: {} },
})

const is = { description: 'is called for bids', instructions: '' }
const bidder = {
  ...is,
  accepts: [net.cfp, net['accept-proposal'], net['reject-proposal'], net.cancel],
  answers: [net.propose, net.refuse, net.inform],
}
const translator = defineRole({ name: 'translator', ...bidder, machine: translatorMachine, policy })
const shy = defineRole({ name: 'shy', ...bidder, machine: shyMachine })
const mute = defineRole({ name: 'mute', ...bidder, machine: muteMachine })

export const translatorsFlock = (bidders: readonly Party[], options: ShopOptions): SimulatedFlock => ({
  crew: [
    { role: shopkeeper(options), count: 1 },
    { role: translator, count: 2 },
    { role: shy, count: 1 },
    { role: mute, count: 1 },
  ],
  start: {
    role: 'shopkeeper',
    message: order,
    body: { text: 'hello', bidders: [...bidders] },
    answers: [delivery],
  },
  blobs: timelessBlobs(),
  outcomeOf: ({ kind }) => kind,
  check: () => undefined, // the tests look at it
})
