/**
 * What let a turn happen. A message, as a rule, or the end of an effect; of a join, therefore, the last of the
 * messages, and of parallel effects the one whose end went on. A timer, a failure of the host's own and whatever has
 * no cause in the trace lead back to an earlier turn of the conversation.
 */

import type { Conversation, Effect, Message, Story, Turn } from './story.ts'
import type { TraceNode } from './tree.ts'

export type Cause =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'effect'; readonly effect: Effect }
  | { readonly kind: 'submission'; readonly node: TraceNode }
  /** Since this turn the conversation waited for a timer, or for an answer that did not come. */
  | { readonly kind: 'timer'; readonly since: Turn }
  /** The trace does not say; this turn of the conversation came before it, where there is one. */
  | { readonly kind: 'unknown'; readonly after: Turn | undefined }

export type Causes = {
  of(turn: Turn): Cause
  /** The turn that took an effect's outcome. */
  takerOf(effect: Effect): Turn | undefined
}

const OUTCOME = /^(?:xstate\.(done|error)\.actor\.|person\.passed$)/
const TIMER = /^xstate\.after\./
/** Of an effect that its conversation went on without: nobody took its outcome. */
export const UNWANTED = 'effect.unwanted'

export function causesOf(story: Story): Causes {
  const effectOf = new Map<Turn, Effect>()
  const takers = new Map<Effect, Turn>()
  const positions = new Map<Turn, number>()
  for (const conversation of story.conversations) {
    for (const [turn, effect] of outcomesOf(conversation)) {
      effectOf.set(turn, effect)
      takers.set(effect, turn)
    }
    for (const [position, turn] of conversation.turns.entries()) positions.set(turn, position)
  }
  const submitted = new Set(story.submitted?.children)

  function of(turn: Turn): Cause {
    if (turn.message !== undefined) return { kind: 'message', message: turn.message }
    const effect = effectOf.get(turn)
    if (effect !== undefined) return { kind: 'effect', effect }
    const before = () => earlier(turn, () => true)
    if (turn.queueMs === undefined && (turn.failure !== undefined || TIMER.test(turn.event))) {
      const asked = ({ sends }: Turn) =>
        sends.some(({ id, awaits }) => (turn.about === undefined ? awaits : id === turn.about))
      const entered = ({ from, to }: Turn) => to === turn.from && from !== to
      const since = earlier(turn, turn.failure !== undefined ? asked : entered) ?? before()
      if (since !== undefined) return { kind: 'timer', since }
    }
    const isFirst = positions.get(turn) === 0
    if (isFirst && submitted.has(turn.conversation.node))
      return { kind: 'submission', node: story.submitted! }
    return { kind: 'unknown', after: before() }
  }

  /** The last turn of the conversation before this one of which that is true. */
  function earlier(turn: Turn, isIt: (turn: Turn) => boolean): Turn | undefined {
    const { turns } = turn.conversation
    for (let position = positions.get(turn)! - 1; position >= 0; position--)
      if (isIt(turns[position]!)) return turns[position]
    return undefined
  }

  return { of, takerOf: (effect) => takers.get(effect) }
}

/** Which effect ended for each turn that took an outcome: by name, where the turn says it, else by time. */
function outcomesOf({ turns, effects }: Conversation): Map<Turn, Effect> {
  const named = new Map(
    effects.flatMap((effect) => (effect.id === undefined ? [] : [[effect.id, effect] as const])),
  )
  const outcomes = new Map<Turn, Effect>()
  const ended = effects.filter(({ error }) => error !== UNWANTED).sort((a, b) => a.node.endMs - b.node.endMs)
  const pending: Effect[] = []
  let next = 0
  for (const turn of turns) {
    const outcome = OUTCOME.exec(turn.event)
    if (outcome === null) continue
    const byName = turn.outcomeOf === undefined ? undefined : named.get(turn.outcomeOf)
    if (byName !== undefined) {
      outcomes.set(turn, byName)
      continue
    }
    for (; next < ended.length && ended[next]!.node.endMs <= turn.node.startMs; next++)
      pending.push(ended[next]!)
    const index = likeliest(pending, turn, outcome[1] === 'error')
    if (index >= 0) outcomes.set(turn, pending.splice(index, 1)[0]!)
  }
  return outcomes
}

/** Effects that ended and whose outcome nobody seems to have taken are few, unless much is missing. */
const MAX_LOOK_BACK = 64

/**
 * Of effects in the order of their ends one that failed or did not, as the outcome says; of these the one that was
 * asked for last, and of several of one turn the first to end: what is older was missed by a turn that is not in the
 * trace.
 */
function likeliest(pending: readonly Effect[], turn: Turn, isError: boolean): number {
  let best: { index: number; fits: boolean; asked: number } | undefined
  for (let index = pending.length - 1; index >= Math.max(0, pending.length - MAX_LOOK_BACK); index--) {
    const effect = pending[index]!
    const asked = effect.turn.number
    if (asked >= turn.number) continue
    const fits = (effect.node.span.status?.code === 'error') === isError
    const isBetter = best === undefined || (fits === best.fits ? asked >= best.asked : fits)
    if (isBetter) best = { index, fits, asked }
  }
  return best?.index ?? -1
}
