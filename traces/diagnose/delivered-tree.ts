/** The workspace that a completed run handed over, and what is known of it. */
import type { Effect, Message, Story, Turn } from '../read/story.ts'
import { heardIn, resultTurn } from './talk.ts'

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
}

/** Undefined where the run did not complete, or has no workspace. */
export function deliveredTree(story: Story): Delivered | undefined {
  if (story.over?.outcome !== 'completed') return undefined
  const result = resultTurn(story)?.message
  const last = result?.sender && lastOnTree(result.sender, new Set())
  const tree = last && (last.tree ?? last.treeBefore)
  if (result === undefined || last === undefined || tree === undefined) return undefined
  const maker = story.effects.find((effect) => effect.tree === tree)
  return {
    ...{ tree, result, last: maker ?? last, isUntouched: maker === undefined },
    checks: story.effects.filter((effect) => effect.check !== undefined && checkedTree(effect) === tree),
  }
}

/** What a check was made on: where it made a tree, as a merge does, that one. */
const checkedTree = ({ tree, treeBefore }: Effect): string | undefined => tree ?? treeBefore

/** The last effect on a workspace before a turn: of its conversation, else of whoever it had last heard from. */
function lastOnTree(turn: Turn, been: Set<Turn>): Effect | undefined {
  if (been.has(turn)) return undefined
  been.add(turn)
  const before = turn.conversation.turns.filter(({ number }) => number <= turn.number)
  const own = before
    .flatMap(({ effects }) => effects)
    .filter(({ treeBefore, tree }) => (tree ?? treeBefore) !== undefined)
  if (own.length > 0) return own.at(-1)
  for (const { sender } of before.flatMap((one) => heardIn(one) ?? []).reverse()) {
    const found = sender && lastOnTree(sender, been)
    if (found !== undefined) return found
  }
  return undefined
}
