/**
 * Contract net, the side that calls: it asks for bids, awards the work to one bidder, and gets a result or a failure.
 * The other side is `contract-net-bidder.ts`, the messages are `protocols/contract-net.ts`.
 *
 * - CN1 A call awards at most once, whatever becomes of the award: who wants another one calls again.
 * - CN2 A bid after reply-by changes nothing. The host keeps it from the machine, since its wait is over.
 * - CN3 Where nobody bids by reply-by, or no bid is chosen, the machine goes to `failed` and says why, of each bidder.
 * - CN4 Which bid is chosen hangs on the bids alone, and on the order in which bidders were called; never on which
 *   came first.
 * - CN5 Whoever may hold a bid is told what became of it: one award, a rejection for all others.
 * - CN6 An award ends in exactly one event: the result, or a failure. One that is called off does so as well, and one
 *   that is late is called off.
 *
 * What a death does. Of the caller's process: another one goes on from the record, with the same bids and the same
 * award. Of a bidder's, before it bid: whoever adopts it bids, or its silence ends at reply-by; after: its bid stands,
 * and who adopts it gets the award. Of the contractor's: who adopts it goes on with the work; a tool that must not run
 * again ends it with a `failure` of kind `died`.
 */
import { assertNever } from '../../protocols/errors.ts'
import type { FailureKind } from '../../protocols/failure.ts'
import { nameOf, type PeerId } from '../../protocols/ids.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { FailureEvent } from '../role/setup.ts'
import type { Destination, Incoming, Outgoing } from '../turn/behaviour.ts'
import { changing, emitting, failedConversation } from './acts.ts'
import type { AnyContractNet, OfferOf, ResultOf, TaskOf } from './contract.ts'
import { handlers, said } from './messages.ts'
import { commonKind, conversationsWith, type Party } from './parties.ts'

/** What the caller takes and sends: for `roleSetup` and `defineRole`. */
export type TenderAccepts<Net extends AnyContractNet> = Net['messages']['propose' | 'refuse' | 'inform']
export type TenderSends<Net extends AnyContractNet> = Net['messages'][
  | 'cfp'
  | 'accept-proposal'
  | 'reject-proposal'
  | 'cancel']

export type Bid<Offer> = { readonly bidder: Destination; readonly offer: Offer }

/** What a bidder said. `by`: the peer that bid, which gets the award. */
type Reply<Offer> =
  | { readonly kind: 'bid'; readonly conversation: string; readonly by: PeerId; readonly offer: Offer }
  | { readonly kind: 'refusal'; readonly conversation: string; readonly reason: string }
  | {
      readonly kind: 'failure'
      readonly conversation: string
      readonly why: FailureKind
      readonly reason: string
    }

/** The call under way: plain JSON, in the record. */
export type Tender<Task, Offer, Result> = {
  readonly task: Task | null
  readonly bidders: readonly Destination[]
  readonly replies: readonly Reply<Offer>[]
  /** Bidders' conversations that all calls opened: a second call opens others. */
  readonly opened: number
  readonly contractor: Destination | null
  readonly result: Result | null
}

export type TenderOf<Net extends AnyContractNet> = Tender<TaskOf<Net>, OfferOf<Net>, ResultOf<Net>>
export type TenderContext<Net extends AnyContractNet> = AgentContext & { readonly tender: TenderOf<Net> }

export type TenderOptions<Net extends AnyContractNet> = {
  /** How long bids are waited for, in milliseconds. */
  readonly replyByMs: number
  /** How long the result is waited for, in milliseconds: what is left of the deadline, otherwise. */
  readonly workMs?: number
  /**
   * The bid that gets the award, or undefined where none is good enough. Pure; bids stand in the order in which their
   * bidders were called.
   */
  readonly choose: (bids: readonly Bid<OfferOf<Net>>[], task: TaskOf<Net>) => Bid<OfferOf<Net>> | undefined
}

/**
 * @example
 * const tender = tendering(translate, { replyByMs: 5_000, choose: lowest((offer) => offer.cents) })
 * // context: ({ input }) => ({ ...newAgent(input), ...tender.none })
 * // on: { 'shop.order': { target: 'calling', actions: assign(({ context, event }) => tender.call(context, event.body, bidders)) } },
 * // states: { …, ...tender.states({ done: 'delivering', failed: 'failed', calledOff: 'failed' }) }
 */
export function tendering<const Net extends AnyContractNet>(net: Net, options: TenderOptions<Net>) {
  type Context = TenderContext<Net>
  type Offer = OfferOf<Net>
  type Heard = Incoming<AnyContractNet['messages']['propose' | 'refuse']> | FailureEvent
  type Emitted = Outgoing<TenderSends<Net>>
  const { cfp, propose, refuse, inform, cancel, ...acts } = net.messages

  const none: { readonly tender: TenderOf<Net> } = {
    tender: { task: null, bidders: [], replies: [], opened: 0, contractor: null, result: null },
  }

  /** Begins a call; go to `calling` with it. */
  function call(context: Context, task: TaskOf<Net>, bidders: readonly Party[]): Partial<Context> {
    const { opened } = context.tender
    const called = conversationsWith(context, 'b', bidders, opened)
    const tender = { ...none.tender, task, bidders: called, opened: opened + called.length }
    return { tender, problem: null, problemKind: 'error' } as Partial<Context>
  }

  /** Whose reply an event is, of those who were called and have not replied; nobody's otherwise. */
  function replierOf({ tender }: Context, event: Heard): string | undefined {
    const name =
      event.type === 'failure' ? failedConversation(event as FailureEvent) : nameOf(event.from!.conversation)
    const isAwaited = tender.bidders.some((bidder) => bidder.conversation === name)
    return isAwaited && tender.replies.every((reply) => reply.conversation !== name) ? name : undefined
  }

  /** A bid, a refusal, or that there will be neither. */
  function heard(context: Context, event: Heard): Partial<Context> {
    const conversation = replierOf(context, event)
    if (conversation === undefined) return {}
    const reply = replyIn(event, conversation) as Reply<Offer>
    return changed(context, { replies: [...context.tender.replies, reply] })
  }

  /** The awarded bid, as the options choose (CN4). */
  function chosen({ tender: { task, bidders, replies } }: Context): Bid<Offer> | undefined {
    const bids = bidders.flatMap((bidder) => {
      const reply = replies.find(({ conversation }) => conversation === bidder.conversation)
      return reply?.kind === 'bid' ? [{ bidder: { ...bidder, peer: reply.by }, offer: reply.offer }] : []
    })
    return bids.length === 0 ? undefined : options.choose(bids, task as TaskOf<Net>)
  }

  /** Why there is no award, of each bidder (CN3). */
  function unawarded({ tender: { bidders, replies } }: Context): Partial<Context> {
    const kinds = replies.map((reply) => (reply.kind === 'failure' ? reply.why : 'refused'))
    const reasons = replies.map((reply) => `${reply.conversation}: ${reasonOf(reply)}`)
    const problem = bidders.length === 0 ? 'nobody was called' : `no bid was taken; ${reasons.join('; ')}`
    return { problem, problemKind: commonKind(kinds) } as Partial<Context>
  }

  /** Those who hold a bid, or may send one yet, other than the contractor (CN5). */
  const losersOf = ({ tender: { bidders, replies, contractor } }: Context): readonly Destination[] =>
    bidders.filter(({ conversation }) => {
      const reply = replies.find((one) => one.conversation === conversation)
      const mayBid = reply === undefined || reply.kind === 'bid' || isSilence(reply)
      return mayBid && conversation !== contractor?.conversation
    })

  const isComplete = ({ tender }: Context) => tender.replies.length === tender.bidders.length

  const callAll = emitting<Context, Emitted>(({ tender: { task, bidders } }) => {
    const { replyByMs } = options
    return bidders.map((to) => said(cfp, { task, replyByMs }, { to, timeoutMs: replyByMs })) // CN2
  })
  const award = changing<Context>((context) => changed(context, { contractor: chosen(context)!.bidder }))
  const rejections = (context: Context, reason: string): Emitted[] =>
    losersOf(context).map((to) => said(acts['reject-proposal'], { reason }, { to }))
  const rejectAll = emitting<Context, Emitted>((context) => rejections(context, 'no bid was taken'))
  const tellAll = emitting<Context, Emitted>((context) => {
    const timeout = options.workMs === undefined ? {} : { timeoutMs: options.workMs }
    const accepted: Emitted = said(
      acts['accept-proposal'],
      {},
      { to: context.tender.contractor!, ...timeout },
    )
    return [accepted, ...rejections(context, 'another bid was taken')]
  })
  const callOff = emitting<Context, Emitted>((context) => {
    const { contractor } = context.tender
    const reason = 'the call was called off'
    return contractor === null ? rejections(context, reason) : [said(cancel, { reason }, { to: contractor })]
  })
  const delivered = changing<Context, Incoming<AnyContractNet['messages']['inform']>>((context, event) =>
    changed(context, { result: event.body.result as ResultOf<Net> }),
  )
  const lost = changing<Context, FailureEvent>(
    (_, { body }) => ({ problem: body.reason, problemKind: body.kind }) as Partial<Context>,
  )
  /** Nobody waits for its work any more, and somebody else may be called for it. */
  const callOffLate = emitting<Context, Emitted>(({ tender: { contractor }, problemKind }) =>
    problemKind === 'timeout' ? [said(cancel, { reason: 'it took too long' }, { to: contractor! })] : [],
  )
  const isReply = ({ context, event }: { context: Context; event: Heard }) =>
    replierOf(context, event) !== undefined
  const isContractors = ({ context, event }: { context: Context; event: FailureEvent }) =>
    failedConversation(event) === context.tender.contractor?.conversation

  /**
   * @param next where the machine goes with `tender.result`; without one, its `problem` set; and once it has called
   * all off, by going to `callingOff`
   */
  function states<
    const Done extends string,
    const Failed extends string,
    const CalledOff extends string,
  >(next: { readonly done: Done; readonly failed: Failed; readonly calledOff: CalledOff }) {
    const reply = { guard: isReply, actions: changing(heard) }
    return {
      calling: {
        entry: callAll,
        always: [
          // CN1: the only way to an award, and it leads out of the call.
          {
            guard: ({ context }: { context: Context }) =>
              isComplete(context) && chosen(context) !== undefined,
            target: 'contracted',
            actions: award,
          },
          {
            guard: ({ context }: { context: Context }) => isComplete(context),
            target: next.failed,
            actions: [changing(unawarded), rejectAll],
          },
        ],
        on: handlers({ [propose.type]: reply, [refuse.type]: reply, failure: reply }),
      },
      contracted: {
        entry: tellAll,
        on: handlers({
          [inform.type]: { target: next.done, actions: delivered },
          failure: { guard: isContractors, target: next.failed, actions: [lost, callOffLate] }, // CN6
        }),
      },
      callingOff: {
        entry: callOff,
        always: {
          guard: ({ context }: { context: Context }) => context.tender.contractor === null,
          target: next.calledOff,
        },
        on: handlers({
          [inform.type]: { target: next.calledOff, actions: delivered },
          failure: { guard: isContractors, target: next.calledOff, actions: lost },
        }),
      },
    } as const
  }

  const changed = ({ tender }: Context, change: Partial<TenderOf<Net>>) =>
    ({ tender: { ...tender, ...change } }) as Partial<Context>

  return { none, call, heard, chosen, states }
}

/** Chooses the bid with the lowest figure; of several, that of whoever was called first. */
export const lowest =
  <Offer>(figure: (offer: Offer) => number) =>
  (bids: readonly Bid<Offer>[]): Bid<Offer> | undefined =>
    bids.toSorted((a, b) => figure(a.offer) - figure(b.offer))[0]

function replyIn(
  event: Incoming<AnyContractNet['messages']['propose' | 'refuse']> | FailureEvent,
  conversation: string,
): Reply<unknown> {
  if (event.type === 'failure') {
    const { kind, reason } = (event as FailureEvent).body
    return { kind: 'failure', conversation, why: kind, reason }
  }
  const { body, from } = event as Incoming<AnyContractNet['messages']['propose' | 'refuse']>
  return 'offer' in body
    ? { kind: 'bid', conversation, by: from.peer, offer: body.offer }
    : { kind: 'refusal', conversation, reason: body.reason }
}

/** The call waits in a mailbox, or the bidder is at it still. */
const isSilence = (reply: Reply<unknown>) =>
  reply.kind === 'failure' && (reply.why === 'timeout' || reply.why === 'no-peer')

function reasonOf(reply: Reply<unknown>): string {
  switch (reply.kind) {
    case 'bid':
      return 'its bid was not good enough'
    case 'refusal':
      return `it refused: ${reply.reason}`
    case 'failure':
      return `${reply.why}: ${reply.reason}`
    default:
      return assertNever(reply)
  }
}
