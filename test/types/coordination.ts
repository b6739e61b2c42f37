/** What the types of the pieces of coordination promise. Checked by `tsc`; nothing here runs. */
import { z } from 'zod'
import { contractNet } from '../../protocols/contract-net.ts'
import { defineProtocol } from '../../protocols/define.ts'
import { handoff } from '../../protocols/handoff.ts'
import { reviewLoop } from '../../protocols/review-loop.ts'
import { scatterGather } from '../../protocols/scatter-gather.ts'
import type { OfferOf, ResultOf, TaskOf } from '../../src/coordination/contract.ts'
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
import {
  type GiverAccepts,
  type GiverContext,
  type GiverSends,
  handingOver,
} from '../../src/coordination/handoff.ts'
import {
  type AuthorContext,
  authoring,
  type ReviewContext,
  type ReviewerAccepts,
  reviewing,
} from '../../src/coordination/review-loop.ts'
import { type GatherContext, gathering } from '../../src/coordination/scatter-gather.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { Incoming, Outgoing } from '../../src/turn/behaviour.ts'
import { type Equal, holds } from './holds.ts'

const translate = contractNet('translate', {
  task: z.object({ text: z.string() }),
  offer: z.object({ cents: z.number() }),
  result: z.object({ pages: z.array(z.string()) }),
})
type Translate = typeof translate
type Messages = Translate['messages']

// A contract net is named by its user, and its bodies are inferred from the user's schemas.
holds<Equal<(typeof translate.messages)['accept-proposal']['type'], 'translate.accept-proposal'>>()
holds<Equal<Incoming<Messages['cfp']>['body'], { task: { text: string }; replyByMs: number }>>()
holds<Equal<Outgoing<Messages['inform']>['body'], { result: { pages: string[] } }>>()
holds<Equal<TaskOf<Translate>, { text: string }>>()
holds<Equal<OfferOf<Translate>, { cents: number }>>()
holds<Equal<ResultOf<Translate>, { pages: string[] }>>()
holds<Equal<TenderContext<Translate>['tender']['result'], { pages: string[] } | null>>()

const tender = tendering(translate, {
  replyByMs: 1_000,
  choose: (bids, task) => {
    holds<Equal<typeof task, { text: string }>>()
    return bids.find(({ offer }) => offer.cents < 5)
  },
})
tendering(translate, { replyByMs: 1_000, choose: lowest((offer) => offer.cents) })
// @ts-expect-error an offer has no such thing
tendering(translate, { replyByMs: 1_000, choose: lowest((offer) => offer.euros) })

const called = { done: 'done', failed: 'done', calledOff: 'done' } as const
const caller = roleSetup<TenderContext<Translate>, TenderAccepts<Translate>, TenderSends<Translate>>([])
caller.createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...tender.none }),
  states: { ...tender.states(called), done: { type: 'final' } },
})
roleSetup<AgentContext, TenderAccepts<Translate>, TenderSends<Translate>>([]).createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error a context without a tender
  states: tender.states(called),
})
roleSetup<TenderContext<Translate>, TenderAccepts<Translate>, Messages['cfp']>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...tender.none }),
  // @ts-expect-error a machine that may call, and award nothing
  states: tender.states(called),
})
declare const calling: TenderContext<Translate>
tender.call(calling, { text: 'hello' }, [
  { role: 'translator' },
  { role: 'translator', peer: 'translator-2' },
])
// @ts-expect-error a call for something else
tender.call(calling, { words: 'hello' }, [])

const bids = bidding(translate)
const bidder = roleSetup<BidderContext<Translate>, BidderAccepts<Translate>, BidderSends<Translate>>([])
bidder.createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...bids.none }),
  on: bids.cancelled,
  states: { ...bids.states({ called: 'pricing', awarded: 'working' }), pricing: {}, working: {} },
})
declare const bidding_: BidderContext<Translate>
bids.offer(bidding_, { cents: 3 })
// @ts-expect-error an offer of another kind
bids.offer(bidding_, { euros: 3 })

// What is handed over, and what answers it, are the user's.
const chat = defineProtocol('chat', 1, { ask: z.object({}), reply: z.object({}) }, { ask: ['reply'] })
const pass = handoff('pass', { work: z.object({ what: z.string() }), answers: [chat.messages.reply] })
type Pass = typeof pass
holds<Equal<Incoming<Pass['messages']['transfer']>['body'], { work: { what: string }; trail: string[] }>>()
holds<Equal<GiverContext<Pass>['giving']['work'], { what: string } | null>>()
const give = handingOver(pass, { offerMs: 1_000 })
const givenOrKept = { given: 'over', kept: 'over' } as const
roleSetup<GiverContext<Pass>, GiverAccepts<Pass>, GiverSends<Pass>>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...give.none }),
  states: { ...give.states(givenOrKept), over: {} },
})
roleSetup<GiverContext<Pass>, GiverAccepts<Pass>, Pass['messages']['offer']>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...give.none }),
  // @ts-expect-error a machine that may offer, and transfer nothing
  states: give.states(givenOrKept),
})
declare const giving: GiverContext<Pass>
// @ts-expect-error a request is named by its id
give.give(giving, { request: 'the first' }, { what: 'it' }, [])
// @ts-expect-error work of another kind
give.give(giving, { request: null }, { which: 'it' }, [])

// What is asked and answered is the user's.
const poll = scatterGather('poll', { question: z.object({ about: z.string() }), answer: z.boolean() })
const round = gathering(poll, { enough: 'all', deadlineMs: 1_000 })
declare const gathered: GatherContext<typeof poll>
holds<Equal<ReturnType<typeof round.answers>[number]['answer'], boolean>>()
round.ask(gathered, [{ to: { role: 'voter' }, question: { about: 'it' } }])
// @ts-expect-error a question of another kind
round.ask(gathered, [{ to: { role: 'voter' }, question: { on: 'it' } }])
roleSetup<AgentContext, typeof poll.messages.answer, typeof poll.messages.ask>([]).createMachine({
  context: ({ input }) => newAgent(input),
  // @ts-expect-error a context that gathers nothing
  states: round.states({ enough: 'over', short: 'over' }),
})

// What is submitted and found is the user's.
const essay = reviewLoop('essay', {
  work: z.object({ text: z.string() }),
  finding: z.object({ line: z.number() }),
})
type Essay = typeof essay
holds<Equal<AuthorContext<Essay>['submitted']['work'], { text: string } | null>>()
holds<Equal<AuthorContext<Essay>['submitted']['verdicts'][number]['findings'], readonly { line: number }[]>>()
const author = authoring(essay, { rounds: 2, verdictMs: 1_000 })
declare const writing: AuthorContext<Essay>
author.submit(writing, { text: 'It was' }, { role: 'critic' })
// @ts-expect-error work of another kind
author.submit(writing, { words: 'It was' }, { role: 'critic' })
const critic = reviewing(essay)
declare const judging: ReviewContext<Essay>
critic.find(judging, [{ line: 3 }])
// @ts-expect-error a finding of another kind
critic.find(judging, ['dull'])
roleSetup<ReviewContext<Essay>, ReviewerAccepts<Essay>, Essay['messages']['approve']>([]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...critic.none }),
  // @ts-expect-error a critic that may approve, and find nothing
  states: critic.states({ submitted: 'judging' }),
})
