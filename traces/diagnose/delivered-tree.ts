/**
 * The workspaces that a completed run handed over, and what is known of them. It is one, unless whoever gave the result
 * gathered the work of several and did nothing on a workspace itself: then it is that of each of them.
 */
import type { Effect, Message, Story, Turn } from '../read/story.ts'
import { heardIn, isFailure, resultTurn } from './talk.ts'

export type Delivered = {
  readonly tree: string
  /** Nothing that the run did made it: it is the workspace as it was, or was somebody else's. */
  readonly isUntouched: boolean
  /** The message with the result. */
  readonly result: Message
  /** What last made it, or worked on it. */
  readonly last: Effect
  /** Of the tree itself, oldest first. */
  readonly checks: readonly Effect[]
  /** Of the trees that it was made from, oldest first. */
  readonly checksBefore: readonly Effect[]
}

/** None where the run did not complete, or has no workspace. */
export function deliveredTrees(story: Story): readonly Delivered[] {
  if (story.over?.outcome !== 'completed') return []
  const result = resultTurn(story)?.message
  if (result?.sender === undefined) return []
  const asks = new Map(story.messages.map((message) => [message.id, message]))
  const lasts = lastsOnTree(result.sender, asks, new Set())
  const byTree = new Map(
    lasts.flatMap((last) => (treeAfter(last) ? [[treeAfter(last)!, last] as const] : [])),
  )
  const checks = story.effects.filter(({ check }) => check !== undefined)
  const makers = makersOf(story)
  const delivered = [...byTree].map(([tree, last]) => {
    const before = treesBefore(tree, makers)
    const maker = makers.get(tree)?.[0]
    return {
      ...{ tree, before, result, last: maker ?? last, isUntouched: maker === undefined },
      checks: checks.filter((check) => treeAfter(check) === tree),
      checksBefore: checks.filter((check) => before.has(treeAfter(check)!)),
    }
  })
  // What another one was made from is a step on the way to it.
  return delivered.filter(
    (one) => !delivered.some((other) => other.before.has(one.tree) && !one.before.has(other.tree)),
  )
}

/** What an effect left. A check is of this one: of the tree that it started from, or that it made, as a merge does. */
const treeAfter = ({ tree, treeBefore }: Effect): string | undefined => tree ?? treeBefore

type Makers = ReadonlyMap<string, readonly Effect[]>

/** What made each tree, the first of them first. */
function makersOf({ effects }: Story): Makers {
  const makers = new Map<string, Effect[]>()
  for (const effect of effects) {
    if (effect.tree === undefined) continue
    const known = makers.get(effect.tree)
    if (known === undefined) makers.set(effect.tree, [effect])
    else known.push(effect)
  }
  return makers
}

/** Trees that a tree was made from, one step after the other. */
function treesBefore(tree: string, makers: Makers): ReadonlySet<string> {
  const before = new Set<string>()
  const rest = [tree]
  for (let next = rest.pop(); next !== undefined; next = rest.pop())
    for (const { treeBefore } of makers.get(next) ?? []) {
      if (treeBefore === undefined || treeBefore === tree || before.has(treeBefore)) continue
      before.add(treeBefore)
      rest.push(treeBefore)
    }
  return before
}

/** Messages by their ids. */
type Asks = ReadonlyMap<string, Message>

/** The last effects on workspaces before a turn: of its conversation, else of whoever it had last heard from. */
function lastsOnTree(turn: Turn, asks: Asks, been: Set<Turn>): readonly Effect[] {
  if (been.has(turn)) return []
  been.add(turn)
  const before = turn.conversation.turns.filter(({ number }) => number <= turn.number)
  const own = before.flatMap(({ effects }) => effects).findLast((effect) => treeAfter(effect) !== undefined)
  if (own !== undefined) return [own]
  const heard = before
    .flatMap((one) => heardIn(one) ?? [])
    .filter((one) => !isFailure(one))
    .reverse()
  for (const [index, message] of heard.entries()) {
    const found = message.sender ? lastsOnTree(message.sender, asks, been) : []
    if (found.length === 0) continue
    const others = gatheredWith(message, heard.slice(index + 1), asks)
    return [...found, ...others.flatMap(({ sender }) => lastsOnTree(sender!, asks, been))]
  }
  return []
}

/**
 * Answers to other questions of the turn that asked for this one: parts of one thing. Who asks the same of several
 * wants one of them, and who asked for something else before may have given it up.
 */
function gatheredWith(answer: Message, earlier: readonly Message[], asks: Asks): readonly Message[] {
  const askedFor = ({ answers }: Message) => asks.get(answers ?? '')
  const asked = askedFor(answer)
  if (asked?.sender === undefined) return []
  const bodies = new Set([asked.bodyDigest])
  const from = new Set([answer.sender?.conversation])
  return earlier.filter((other) => {
    const ask = askedFor(other)
    if (ask?.sender !== asked.sender || ask?.bodyDigest === undefined || other.sender === undefined)
      return false
    const isAnother = !bodies.has(ask.bodyDigest) && !from.has(other.sender.conversation)
    bodies.add(ask.bodyDigest)
    from.add(other.sender.conversation)
    return isAnother
  })
}
