/**
 * What led to a span: its parent, what it is linked to, and of a turn the turn of its conversation before it, the effect
 * whose outcome it took, and the takeover that it came after. Nothing of it came later, whatever clocks say.
 */
import { MESSAGING, SKEIN } from '../names.ts'
import type { Span } from '../span.ts'

export type Cause = {
  readonly span: Span
  /** It had ended by then: an effect whose outcome was taken. Of any other only the beginning counts. */
  readonly isDone: boolean
}

/** Those that are in the trace. */
export type Causes = ReadonlyMap<Span, readonly Cause[]>

export const keyOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string =>
  `${traceId} ${spanId}`

export const parentKey = ({ traceId, parentSpanId }: Span): string | undefined =>
  parentSpanId === undefined ? undefined : keyOf({ traceId, spanId: parentSpanId })

export function causesIn(byId: ReadonlyMap<string, Span>): Causes {
  const before = turnsBefore(byId)
  const { effects, takeovers } = landmarks(byId)
  const causes = new Map<Span, readonly Cause[]>()
  for (const span of byId.values()) {
    const found: Cause[] = []
    const add = (cause: Span | undefined, isDone = false) => {
      if (cause !== undefined && cause !== span) found.push({ span: cause, isDone })
    }
    const parent = parentKey(span)
    if (parent !== undefined) add(byId.get(parent))
    for (const link of span.links ?? []) add(byId.get(keyOf(link)))
    if (isTurn(span)) {
      add(before.get(span))
      add(effects.get(within(span, SKEIN.effect)), true)
      const takeover = takeovers.get(within(span, SKEIN.epoch))
      if (takeover !== undefined && turnOf(span) > takenFrom(takeover, byId)) add(takeover)
    }
    causes.set(span, found)
  }
  return causes
}

const isTurn = ({ attributes }: Span): boolean => typeof attributes[SKEIN.turn] === 'number'

/** Something that has a name of its own within its conversation. */
const within = ({ traceId, attributes }: Span, name: string): string =>
  `${traceId} ${attributes[SKEIN.run]} ${attributes[SKEIN.conversation]} ${attributes[name]}`

/** Effects by their names, and takeovers by the epochs that they began. */
function landmarks(byId: ReadonlyMap<string, Span>) {
  const effects = new Map<string, Span>()
  const takeovers = new Map<string, Span>()
  for (const span of byId.values()) {
    if (isTurn(span)) continue
    if (span.attributes[SKEIN.effect] !== undefined) effects.set(within(span, SKEIN.effect), span)
    if (span.attributes[SKEIN.processBefore] !== undefined) takeovers.set(within(span, SKEIN.epoch), span)
  }
  return { effects, takeovers }
}

/** Number of the turn that a takeover found there; infinite where it does not say so. */
function takenFrom({ links = [] }: Span, byId: ReadonlyMap<string, Span>): number {
  const left = links.map((link) => byId.get(keyOf(link))).find((span) => span !== undefined && isTurn(span))
  return left === undefined ? Number.POSITIVE_INFINITY : turnOf(left)
}

/** For each turn the one before it, whichever process took it. */
function turnsBefore(byId: ReadonlyMap<string, Span>): ReadonlyMap<Span, Span> {
  const conversations = new Map<string, { span: Span; turn: number }[]>()
  for (const span of byId.values()) {
    const turn = span.attributes[SKEIN.turn]
    const conversation = parentKey(span)
    if (typeof turn !== 'number' || conversation === undefined) continue
    const turns = conversations.get(conversation)
    if (turns === undefined) conversations.set(conversation, [{ span, turn }])
    else turns.push({ span, turn })
  }
  const before = new Map<Span, Span>()
  for (const turns of conversations.values()) {
    turns.sort((a, b) => a.turn - b.turn)
    for (const [index, { span }] of turns.entries()) if (index > 0) before.set(span, turns[index - 1]!.span)
  }
  return before
}

/**
 * Every span after its causes, and else by its own time; the same whatever the order they came in. Those that cause
 * each other, which only a broken writer makes, come last.
 */
export function inCausalOrder(byId: ReadonlyMap<string, Span>, causes: Causes): readonly Span[] {
  const spans = [...byId.values()].sort(byTime)
  const effects = new Map<Span, Span[]>()
  const missing = new Map<Span, number>()
  for (const span of spans) {
    const all = causes.get(span) ?? []
    missing.set(span, all.length)
    for (const cause of all) {
      const known = effects.get(cause.span)
      if (known === undefined) effects.set(cause.span, [span])
      else known.push(span)
    }
  }
  const order = spans.filter((span) => missing.get(span) === 0)
  for (let at = 0; at < order.length; at++) {
    for (const effect of effects.get(order[at]!) ?? []) {
      const left = missing.get(effect)! - 1
      missing.set(effect, left)
      if (left === 0) order.push(effect)
    }
  }
  if (order.length === spans.length) return order
  const placed = new Set(order)
  return [...order, ...spans.filter((span) => !placed.has(span))]
}

const byTime = (a: Span, b: Span): number => a.startMs - b.startMs || byTurn(a, b)

/** Where the clock is too coarse: in order of turns and of messages; in the end of whatever stays the same. */
export function byTurn(a: Span, b: Span): number {
  return (
    turnOf(a) - turnOf(b) ||
    a.endMs - b.endMs ||
    byNumbers(a.name, b.name) ||
    byNumbers(messageOf(a), messageOf(b)) ||
    byNumbers(a.spanId, b.spanId)
  )
}

/** `task-2` before `task-10`. */
const byNumbers = new Intl.Collator('en', { numeric: true }).compare

const turnOf = ({ attributes }: Span): number => {
  const turn = attributes[SKEIN.turn]
  return typeof turn === 'number' ? turn : 0
}

const messageOf = ({ attributes }: Span): string => String(attributes[MESSAGING.messageId] ?? '')
