/** Chains of messages: each was sent by who had just heard the one before it. */
import type { Effect, Message, Story, Turn } from '../read/story.ts'
import { heardIn, isFailure, isTalk, isTimer } from './talk.ts'

export type Link = {
  readonly message: Message
  /** What its sender did between hearing the message before it and sending it. */
  readonly work: readonly Effect[]
}

/** From the first message to the last, for each message that led to no further one. */
export function chainsIn(story: Story): readonly (readonly Link[])[] {
  const before = new Map<Message, { heard: Message; turns: readonly Turn[] }>()
  const leads = new Set<Message>()
  for (const { turns } of story.conversations) {
    let heard: Message | undefined
    let since: Turn[] = []
    for (const turn of turns) {
      const message = heardIn(turn)
      // Whoever goes on by a timer had decided to wait: it is not the message that makes him.
      if (message !== undefined || isTimer(turn)) [heard, since] = [message, []]
      since.push(turn)
      for (const sent of turn.sends) {
        if (heard === undefined || !isTalk(sent) || isFailure(sent)) continue
        before.set(sent, { heard, turns: [...since] })
        leads.add(heard)
      }
    }
  }
  return [...before.keys()].filter((message) => !leads.has(message)).map((last) => chainTo(last, before))
}

function chainTo(
  last: Message,
  before: ReadonlyMap<Message, { readonly heard: Message; readonly turns: readonly Turn[] }>,
): readonly Link[] {
  const chain: Link[] = []
  const been = new Set<Message>()
  for (let message: Message | undefined = last; message !== undefined && !been.has(message); ) {
    been.add(message)
    const cause = before.get(message)
    chain.push({ message, work: cause?.turns.flatMap(({ effects }) => effects) ?? [] })
    message = cause?.heard
  }
  return chain.reverse()
}

/** Effects that left a tree that nobody had seen before: work went on. */
export function newTreesIn({ effects }: Story): ReadonlySet<Effect> {
  const seen = new Set<string>()
  const made = new Set<Effect>()
  for (const effect of effects) {
    if (effect.treeBefore !== undefined) seen.add(effect.treeBefore)
    if (effect.tree === undefined) continue
    if (!seen.has(effect.tree)) made.add(effect)
    seen.add(effect.tree)
  }
  return made
}
