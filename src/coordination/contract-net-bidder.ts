/**
 * Contract net, the side that bids: it is called, offers or refuses, and works if it is awarded the work. The other
 * side, and the invariants of both, are in `contract-net.ts`.
 *
 * - CN7 A bid stands until it is accepted, rejected, or its run is over, and costs nothing meanwhile: the conversation
 *   is parked, belongs to no process, and delays no run's end.
 * - CN8 A bidder works only for an award. One that was rejected, or called off, refuses what comes afterwards.
 * - CN9 Who is called off in the middle of the work answers the award with a `failure` of kind `cancelled`; who is done
 *   already has answered, and the cancel changes nothing.
 */
import { failure } from '../../protocols/failure.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { RoleEmitted } from '../role/setup.ts'
import type { Incoming, Outgoing } from '../turn/behaviour.ts'
import { changing, emitting } from './acts.ts'
import type { AnyContractNet, OfferOf, TaskOf } from './contract.ts'
import { handlers, said } from './messages.ts'

/** What a bidder takes and sends: for `roleSetup` and `defineRole`. */
export type BidderAccepts<Net extends AnyContractNet> = Net['messages'][
  | 'cfp'
  | 'accept-proposal'
  | 'reject-proposal'
  | 'cancel']
export type BidderSends<Net extends AnyContractNet> = Net['messages']['propose' | 'refuse' | 'inform']

/** What a bidder knows of the contract that it was called for. */
export type Contract<Task, Offer> = {
  readonly task: Task | null
  readonly offer: Offer | null
  /** Why it makes none. */
  readonly refusal: string | null
  readonly isAwarded: boolean
}
export type BidderContext<Net extends AnyContractNet> = AgentContext & {
  readonly contract: Contract<TaskOf<Net>, OfferOf<Net>>
}

/**
 * @example
 * const bids = bidding(translate)
 * // context: ({ input }) => ({ ...newAgent(input), ...bids.none })
 * // on: bids.cancelled, initial: 'uncalled',
 * // states: { ...bids.states({ called: 'pricing', awarded: 'thinking' }), pricing: { always: { target: 'offering', actions: assign(…) } }, … }
 */
export function bidding<const Net extends AnyContractNet>(net: Net) {
  type Context = BidderContext<Net>
  type Message = AnyContractNet['messages']
  type Emitted = RoleEmitted<BidderSends<Net>>
  const { messages } = net

  const none: { readonly contract: Context['contract'] } = {
    contract: { task: null, offer: null, refusal: null, isAwarded: false },
  }

  const changed = ({ contract }: Context, change: Partial<Context['contract']>) =>
    ({ contract: { ...contract, ...change } }) as Partial<Context>

  /** What it offers; go to `offering` with it. */
  const offer = (context: Context, made: OfferOf<Net>): Partial<Context> => changed(context, { offer: made })
  /** Why it makes no offer; go to `declining` with it. */
  const decline = (context: Context, refusal: string): Partial<Context> => changed(context, { refusal })

  const called = changing<Context, Incoming<Message['cfp']>>((context, event) =>
    changed(context, { task: event.body.task as TaskOf<Net> }),
  )
  const awarded = changing<Context>((context) => changed(context, { isAwarded: true }))

  /**
   * @param next where the machine goes with `contract.task`, to `offer` or `decline` there; and where with the award:
   * its answer is the protocol's `inform`
   */
  function states<const Called extends string, const Awarded extends string>(next: {
    readonly called: Called
    readonly awarded: Awarded
  }) {
    return {
      uncalled: {
        on: handlers({
          [messages.cfp.type]: { target: next.called, actions: ['hear', called] },
          // It may be told so before it is called: order is never promised.
          [messages['reject-proposal'].type]: 'rejected',
        }),
      },
      offering: {
        entry: emitting<Context, Emitted>(({ contract: { offer } }) => [said(messages.propose, { offer })]),
        on: handlers({
          [messages['accept-proposal'].type]: { target: next.awarded, actions: awarded },
          [messages['reject-proposal'].type]: 'rejected',
        }),
      },
      declining: {
        type: 'final',
        entry: emitting<Context, Emitted>(({ contract: { refusal } }) => [
          said(messages.refuse, { reason: refusal ?? 'it makes no offer' }),
        ]),
      },
      rejected: { type: 'final' },
      calledOff: {
        type: 'final',
        entry: emitting<Context, Emitted>(({ contract }) => (contract.isAwarded ? [CALLED_OFF] : [])), // CN9
      },
    } as const
  }

  /** For the whole machine, since the work may be called off in any state of it. */
  const cancelled = handlers({ [messages.cancel.type]: '.calledOff' })

  return { none, offer, decline, states, cancelled }
}

const CALLED_OFF: Outgoing<typeof failure.messages.failure> = said(failure.messages.failure, {
  kind: 'cancelled',
  reason: 'the work was called off',
  of: null,
})
