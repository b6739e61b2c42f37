/**
 * Handoff: an owner finds somebody who takes its work, and lets go of it. `handingOver` is the side that gives,
 * `takingOver` the side that takes; a role may have both, and hand on what it was handed. The messages are
 * `protocols/handoff.ts`.
 *
 * - HO1 The work has exactly one owner at every moment: whoever owes the answer to the request that moves with it. While
 *   a transfer is under way that is the conversation it goes to.
 * - HO2 An offer moves nothing. Who declines, is silent or dies leaves the work where it is; who accepts owes nothing
 *   until the transfer comes.
 * - HO3 The transfer and the letting go are one record: no death comes between them.
 * - HO4 Candidates are asked one after another, in the order given. Work that nobody takes, or that has moved as often as
 *   it may, stays with its owner, which goes to `kept`.
 * - HO5 Whoever asked gets one answer, straight from the last owner, or a failure. It need not know of any handoff.
 *
 * What a death does. Of the giver's process: another one goes on from the record, before the transfer or after it. Of a
 * candidate's: whoever adopts it answers the offer, or its silence is taken for a no. Of the new owner's: whoever
 * adopts it goes on with the work; a conversation that fails tells whoever asked.
 */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { type MessageId, nameOf } from '../../protocols/ids.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { FailureEvent } from '../role/setup.ts'
import type { Destination, Incoming, Outgoing } from '../turn/behaviour.ts'
import { changing, emitting, failedConversation } from './acts.ts'
import { handlers, said } from './messages.ts'
import { conversationsWith, type Party } from './parties.ts'

type Message<Body> = MessageDefinition<string, z.ZodType<Body>>
type Handed<Work> = { work: Work; trail: string[] }

/** Any protocol that `handoff` makes. */
export type AnyHandoff = {
  readonly name: string
  readonly messages: {
    readonly offer: Message<Handed<unknown>>
    readonly accept: Message<Record<string, never>>
    readonly decline: Message<{ reason: string }>
    readonly transfer: Message<Handed<unknown>>
  }
}
export type WorkOf<Handing extends AnyHandoff> = (z.output<Handing['messages']['transfer']['body']> & {
  work: unknown
})['work']

/** What each side takes and sends: for `roleSetup` and `defineRole`. */
export type GiverAccepts<Handing extends AnyHandoff> = Handing['messages']['accept' | 'decline']
export type GiverSends<Handing extends AnyHandoff> = Handing['messages']['offer' | 'transfer']
export type TakerAccepts<Handing extends AnyHandoff> = Handing['messages']['offer' | 'transfer']
export type TakerSends<Handing extends AnyHandoff> = Handing['messages']['accept' | 'decline']

/** Work on its way out: plain JSON, in the record. */
export type Giving<Work> = {
  /** The request that moves with it. */
  readonly request: MessageId | null
  readonly work: Work | null
  readonly trail: readonly string[]
  readonly candidates: readonly Destination[]
  /** What each of the candidates that were asked said, instead of taking it. */
  readonly declined: readonly string[]
  /** Conversations opened by all attempts: a second one opens others. */
  readonly opened: number
  /** Why it stays, once it does: no problem of the agent, which may do the work itself. */
  readonly kept: string | null
}
/** Work that came in. `request`: what is owed for it, once it is owned. */
export type Taken<Work> = {
  readonly request: MessageId | null
  readonly work: Work | null
  readonly trail: readonly string[]
  readonly refusal: string | null
}
export type GiverContext<Handing extends AnyHandoff> = AgentContext & {
  readonly giving: Giving<WorkOf<Handing>>
}
export type TakerContext<Handing extends AnyHandoff> = AgentContext & {
  readonly taken: Taken<WorkOf<Handing>>
}

export type HandingOptions = {
  /** How long each candidate has to answer, in milliseconds. */
  readonly offerMs: number
  /** Owners that work may have after its first one: 8 unless given. */
  readonly moves?: number
}

/** Of work that goes from hand to hand, nobody's. */
const MOVES_LIMIT = 8

/**
 * @example
 * const give = handingOver(escalate, { offerMs: 5_000 })
 * // context: ({ input }) => ({ ...newAgent(input), ...give.none })
 * // on: { 'support.ask': { target: 'offeringWork', actions: assign(({ context, event }) => give.give(context, { request: event.id }, event.body, [{ role: 'expert' }])) } },
 * // states: { …, ...give.states({ given: 'over', kept: 'thinking' }) }
 */
export function handingOver<const Handing extends AnyHandoff>(protocol: Handing, options: HandingOptions) {
  type Context = GiverContext<Handing>
  type Emitted = Outgoing<GiverSends<Handing>>
  type Heard = Incoming<AnyHandoff['messages']['accept' | 'decline']> | FailureEvent
  const { offer, accept, decline, transfer } = protocol.messages

  const none: { readonly giving: Context['giving'] } = {
    giving: { request: null, work: null, trail: [], candidates: [], declined: [], opened: 0, kept: null },
  }

  /**
   * Begins a handoff; go to `offeringWork` with it.
   * @param held the request that moves, and where the work was before: `context.taken`, for work that was handed here
   */
  function give(
    context: Context,
    held: { readonly request: MessageId | null; readonly trail?: readonly string[] },
    work: WorkOf<Handing>,
    to: readonly Party[],
  ): Partial<Context> {
    const { opened } = context.giving
    const candidates = conversationsWith(context, 'h', to, opened)
    const trail = [...(held.trail ?? []), context.input.name]
    const giving = { ...none.giving, request: held.request, work, trail, candidates }
    return { giving: { ...giving, opened: opened + candidates.length } } as Partial<Context>
  }

  /** Whom the work is offered to now; nobody where it may not move, or all have declined (HO4). */
  const candidateOf = ({ giving: { candidates, declined, trail } }: Context): Destination | undefined =>
    trail.length > (options.moves ?? MOVES_LIMIT) ? undefined : candidates[declined.length]

  const isCandidates = ({ context, event }: { readonly context: Context; readonly event: Heard }) => {
    const name =
      event.type === 'failure' ? failedConversation(event as FailureEvent) : nameOf(event.from!.conversation)
    return name === candidateOf(context)?.conversation
  }

  /** The candidate does not take it, and why. */
  function declined(context: Context, event: Heard): Partial<Context> {
    const { reason } = event.body as { reason: string }
    const { giving } = context
    return { giving: { ...giving, declined: [...giving.declined, reason] } } as Partial<Context>
  }

  const keep = changing<Context>(({ giving }) => {
    const { candidates, declined, trail } = giving
    const whys = declined.map((reason, index) => `${candidates[index]!.conversation}: ${reason}`)
    const none = candidates.length === 0 ? 'there is nobody to take it' : 'nobody takes it'
    const tired = declined.length < candidates.length && `it has had ${trail.length} owners`
    return { giving: { ...giving, kept: [tired || none, ...whys].join('; ') } } as Partial<Context>
  })

  const handed = ({ giving: { work, trail } }: Context) => ({ work, trail: [...trail] })
  const next = { guard: isCandidates, target: 'offeringAgain', actions: changing(declined) }

  /** @param then where the machine goes without the work, and where with it, `giving.kept` saying why */
  function states<const Given extends string, const Kept extends string>(then: {
    readonly given: Given
    readonly kept: Kept
  }) {
    return {
      offeringWork: {
        entry: emitting<Context, Emitted>((context) => {
          const to = candidateOf(context)
          return to === undefined ? [] : [said(offer, handed(context), { to, timeoutMs: options.offerMs })]
        }),
        always: {
          guard: ({ context }: { readonly context: Context }) => candidateOf(context) === undefined,
          target: then.kept,
          actions: keep,
        },
        on: handlers({
          [accept.type]: { guard: isCandidates, target: 'transferring' },
          [decline.type]: next,
          failure: next, // HO2
        }),
      },
      // Through a state of its own, since a state is not entered again by a transition to itself.
      offeringAgain: { always: 'offeringWork' },
      transferring: {
        entry: emitting<Context, Emitted>((context) => [
          said(transfer, handed(context), {
            to: candidateOf(context)!,
            handsOver: context.giving.request!, // HO1, HO3
          }),
        ]),
        always: then.given,
      },
    } as const
  }

  return { none, give, declined, candidateOf, states }
}

/**
 * @example
 * const take = takingOver(escalate)
 * // initial: 'unoffered', context: ({ input }) => ({ ...newAgent(input), ...take.none })
 * // states: { ...take.states({ offered: 'weighing', owned: 'thinking' }), weighing: { always: 'acceptingWork' }, … }
 */
export function takingOver<const Handing extends AnyHandoff>(protocol: Handing) {
  type Context = TakerContext<Handing>
  type Emitted = Outgoing<TakerSends<Handing>>
  type Offered = Incoming<AnyHandoff['messages']['offer' | 'transfer']>
  const { offer, accept, decline, transfer } = protocol.messages

  const none: { readonly taken: Context['taken'] } = {
    taken: { request: null, work: null, trail: [], refusal: null },
  }
  const changed = ({ taken }: Context, change: Partial<Context['taken']>) =>
    ({ taken: { ...taken, ...change } }) as Partial<Context>

  /** Why it does not take the work; go to `decliningWork` with it. */
  const refuse = (context: Context, refusal: string): Partial<Context> => changed(context, { refusal })
  const offered = changing<Context, Offered>((context, { body: { work, trail } }) =>
    changed(context, { work: work as WorkOf<Handing>, trail }),
  )
  const owned = changing<Context, Offered>((context, { id, body: { work, trail } }) =>
    changed(context, { work: work as WorkOf<Handing>, trail, request: id }),
  )
  /** @param next where the machine goes with an offer, to accept or decline it; and where with the work */
  function states<const IsOffered extends string, const Owned extends string>(next: {
    readonly offered: IsOffered
    readonly owned: Owned
  }) {
    const take = { target: next.owned, actions: ['hear', owned] }
    return {
      unoffered: {
        on: handlers({
          [offer.type]: { target: next.offered, actions: offered },
          // Not everybody asks first.
          [transfer.type]: take,
        }),
      },
      acceptingWork: {
        entry: emitting<Context, Emitted>(() => [said(accept, {})]),
        on: handlers({ [transfer.type]: take }),
      },
      decliningWork: {
        type: 'final',
        entry: emitting<Context, Emitted>(({ taken: { refusal } }) => [
          said(decline, { reason: refusal ?? 'it does not take it' }),
        ]),
      },
    } as const
  }

  return { none, refuse, states }
}
