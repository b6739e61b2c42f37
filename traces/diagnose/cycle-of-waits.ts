/**
 * Conversations wait for each other's answers, in a circle: none can go on until a timer gives up for one of them. Who
 * asks back before he answers, and gets his answer, makes a circle as well, and no harm: so only those count in which
 * one wait came to nothing.
 */
import type { Conversation } from '../read/story.ts'
import type { Detector, Sighting } from './finding.ts'
import { type Wait, waitsIn } from './waits.ts'

export const cycleOfWaits: Detector = {
  code: 'cycle-of-waits',
  mast: undefined,
  detect(story) {
    if (story.over?.outcome === 'cancelled') return []
    const waits = waitsIn(story)
    const byWaiter = new Map<string, Wait[]>()
    for (const wait of waits) byWaiter.set(wait.waiter, [...(byWaiter.get(wait.waiter) ?? []), wait])
    const found = new Map<string, Sighting>()
    const called = new Map(story.conversations.map((one) => [one.id, one]))
    for (const wait of waits) {
      if (wait.end === 'answered' || (wait.end === 'failed' && !isTimeout(wait))) continue
      const circle = circleOf(wait, byWaiter)
      if (circle === undefined) continue
      const key = circle
        .map(({ waiter }) => waiter)
        .sort()
        .join(' ')
      if (!found.has(key)) found.set(key, sightingOf(circle, called, story.over === undefined))
    }
    return [...found.values()]
  },
}

const isTimeout = ({ turn }: Wait): boolean => turn?.failure === 'timeout' || turn?.failure === 'no-peer'

/** The waits from this one back to who waits, of those that were open when it ended; undefined where there is no way back. */
function circleOf(wait: Wait, byWaiter: ReadonlyMap<string, readonly Wait[]>): readonly Wait[] | undefined {
  const isOpen = ({ fromMs, untilMs }: Wait) => fromMs < wait.untilMs && untilMs >= wait.untilMs
  const came = new Map<string, Wait | undefined>([[wait.waited, undefined]])
  const open = [wait.waited]
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    if (at === wait.waiter) {
      const back: Wait[] = []
      for (let last = came.get(at); last !== undefined; last = came.get(last.waiter)) back.unshift(last)
      return [wait, ...back]
    }
    for (const next of byWaiter.get(at) ?? []) {
      if (!isOpen(next) || came.has(next.waited)) continue
      came.set(next.waited, next)
      open.push(next.waited)
    }
  }
  return undefined
}

function sightingOf(
  circle: readonly Wait[],
  conversations: ReadonlyMap<string, Conversation>,
  isUnderWay: boolean,
): Sighting {
  const names = circle.map(({ waiter }) => {
    const one = conversations.get(waiter)
    return one === undefined ? `"${waiter}"` : `${one.role} "${waiter}"`
  })
  const way = [...names, names[0]!].join(' → ')
  const isGivenUp = circle.some(({ end }) => end === 'failed')
  return {
    severity: isUnderWay && !isGivenUp ? 'warning' : 'error',
    seen: `Conversations waited for each other's answers, in a circle: ${way}${isGivenUp ? '; a timeout ended it' : ''}.`,
    why: 'None of them can go on before another does, so all of them stand still until a deadline.',
    advice:
      'Let one of them answer, or refuse, what it is asked while it waits; or take one of the dependencies out of the plan.',
    nodes: circle.flatMap(({ message, turn }) => [message.node, ...(turn ? [turn.node] : [])]),
  }
}
