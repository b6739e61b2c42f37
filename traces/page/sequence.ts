/** The messages of a run and its takeovers, in order, between the lifelines of peers. */
import { isAccounting } from '../read/sequence-steps.ts'
import type { Message, Story } from '../read/story.ts'
import type { Span } from '../span.ts'
import type { Cast } from './peers.ts'

export type Sequence = { readonly steps: readonly SequenceStep[] }

export type SequenceStep = {
  readonly kind: 'message' | 'answer' | 'failure' | 'takeover'
  /** It brings stake home, and is no part of the talk: shown when it is asked for. */
  readonly accounting: boolean
  /** The send; of a takeover its own span. */
  readonly span: number
  /** The turn that took it; −1 where nobody has. */
  readonly taker: number
  /** Place of the peer that sent it, or that was at the conversation before; −1 where that is not known. */
  readonly from: number
  /** Place of the peer that took it, or goes on with the conversation; −1 where nobody took it. */
  readonly to: number
  /** Its type; of a takeover the role that was taken over. */
  readonly what: string
  /** The conversation that it is for; where nobody took it, at least the role. */
  readonly whom: string
}

export function sequenceOf(story: Story, cast: Cast, places: ReadonlyMap<Span, number>): Sequence {
  const placeOf = (span: Span | undefined) => (span === undefined ? -1 : (places.get(span) ?? -1))
  const messages = story.messages.map((message) => ({
    at: message.sentMs,
    step: {
      ...{ kind: kindOf(message), accounting: isAccounting(message), span: placeOf(message.node.span) },
      taker: placeOf(message.taker?.node.span),
      from: cast.placeOf(message.fromPeer),
      to: message.taker === undefined ? -1 : cast.placeOf(message.taker.peer),
      what: message.type,
      whom: message.taker?.conversation.id ?? message.toConversation ?? message.toRole,
    } satisfies SequenceStep,
  }))
  const takeovers = story.takeovers.map(({ node, peer, conversation }) => ({
    at: node.startMs,
    step: {
      ...{ kind: 'takeover' as const, accounting: false, span: placeOf(node.span), taker: -1 },
      to: cast.placeOf(peer),
      from: cast.placeOf(
        conversation.turns.findLast((turn) => turn.node.startMs <= node.startMs)?.peer ?? '',
      ),
      ...{ what: conversation.role, whom: conversation.id },
    } satisfies SequenceStep,
  }))
  const steps = [...messages, ...takeovers].sort((a, b) => a.at - b.at).map(({ step }) => step)
  return { steps }
}

function kindOf({ failure, answers }: Message): SequenceStep['kind'] {
  if (failure !== undefined) return 'failure'
  return answers === undefined ? 'message' : 'answer'
}
