/**
 * In which state each conversation was and when: one lane a conversation, a segment from each turn to the next.
 * A state is shown by what its conversations were about in it: asking a model, using a tool, anything else
 * that it asked for, or waiting, for a person too.
 */
import type { Conversation, Effect, Story } from '../read/story.ts'
import type { Span } from '../span.ts'
import type { Cast } from './peers.ts'

export type States = {
  /** In the order in which they were first entered. */
  readonly states: readonly PageState[]
  readonly lanes: readonly StateLane[]
}

export type PageState = {
  readonly name: string
  readonly kind: 'model' | 'tool' | 'other' | 'wait' | 'done' | 'failed'
}

export type StateLane = {
  readonly conversation: string
  /** Place of its role; −1 where it is not known. */
  readonly role: number
  /** Places of the peers that hosted it, one after the other. */
  readonly peers: readonly number[]
  readonly outcome: string
  /** The span of the conversation. */
  readonly span: number
  /** Its turns in order, and the place of the state that each led to, which lasts until the next one. */
  readonly turns: readonly number[]
  readonly entered: readonly number[]
  readonly chats: readonly number[]
  readonly tools: readonly number[]
  /** Effects that are neither, waits for a person among them. */
  readonly others: readonly number[]
  readonly takeovers: readonly number[]
  /** When the last state ends: milliseconds since the run began. */
  readonly endMs: number
}

export function statesOf(story: Story, cast: Cast, places: ReadonlyMap<Span, number>): States {
  const placesOf = (things: readonly { readonly node: { readonly span: Span } }[]) =>
    things.map(({ node }) => places.get(node.span) ?? -1)
  const names = [...new Set(story.turns.map(({ to }) => to))]
  const lanes = story.conversations.map((conversation) => {
    const { id, role, peers, outcome, node, turns, effects, takeovers } = conversation
    return {
      ...{ conversation: id, role: cast.roleOf(role), outcome, span: places.get(node.span) ?? -1 },
      peers: peers.map((peer) => cast.placeOf(peer)),
      ...{ turns: placesOf(turns), entered: turns.map(({ to }) => names.indexOf(to)) },
      chats: placesOf(effects.filter(({ kind }) => kind === 'chat')),
      tools: placesOf(effects.filter(({ kind }) => kind === 'tool')),
      others: placesOf(effects.filter(({ kind }) => kind !== 'chat' && kind !== 'tool')),
      takeovers: placesOf(takeovers),
      endMs: Math.round(endOf(conversation, story) - story.startMs),
    }
  })
  const kindOf = stateKinds(story)
  return { states: names.map((name) => ({ name, kind: kindOf(name) })), lanes }
}

/** A conversation that is open stays in its state until the trace ends. */
const endOf = ({ outcome, node, turns }: Conversation, story: Story): number =>
  outcome === 'open' ? story.endMs : turns.reduce((most, turn) => Math.max(most, turn.node.endMs), node.endMs)

/** By what most of the turns that led to a state asked for. */
function stateKinds(story: Story): (state: string) => PageState['kind'] {
  const tallies = new Map<string, Record<PageState['kind'], number>>()
  for (const { turns, outcome } of story.conversations)
    for (const [index, { to, effects }] of turns.entries()) {
      const tally = tallies.get(to) ?? { model: 0, tool: 0, other: 0, wait: 0, done: 0, failed: 0 }
      tallies.set(to, tally)
      const isLast = index === turns.length - 1
      if (isLast && outcome === 'failed') tally.failed++
      else if (isLast && outcome === 'done') tally.done++
      else tally[askedFor(effects)]++
    }
  return (state) => {
    const tally = Object.entries(tallies.get(state) ?? {}) as [PageState['kind'], number][]
    return tally.reduce((most, next) => (next[1] > most[1] ? next : most), ['wait', 0])[0]
  }
}

/** What is said first of a turn that asked for several things. */
function askedFor(effects: readonly Effect[]): PageState['kind'] {
  if (effects.some(({ kind }) => kind === 'chat')) return 'model'
  if (effects.some(({ kind }) => kind === 'tool')) return 'tool'
  return effects.some(({ kind }) => kind === 'other') ? 'other' : 'wait'
}
