/**
 * What led to a span: its parent, what it is linked to, and of a turn the turn of its conversation before it. Nothing
 * of it came later, whatever clocks say.
 */
import { SKEIN } from '../names.ts'
import type { Span } from '../span.ts'

/** Those that are in the trace. */
export type Causes = ReadonlyMap<Span, readonly Span[]>

export const keyOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string =>
  `${traceId} ${spanId}`

export const parentKey = ({ traceId, parentSpanId }: Span): string | undefined =>
  parentSpanId === undefined ? undefined : keyOf({ traceId, spanId: parentSpanId })

export function causesIn(byId: ReadonlyMap<string, Span>): Causes {
  const before = turnsBefore(byId)
  const causes = new Map<Span, readonly Span[]>()
  for (const span of byId.values()) {
    const found: Span[] = []
    const add = (cause: Span | undefined) => {
      if (cause !== undefined && cause !== span) found.push(cause)
    }
    const parent = parentKey(span)
    if (parent !== undefined) add(byId.get(parent))
    for (const link of span.links ?? []) add(byId.get(keyOf(link)))
    add(before.get(span))
    causes.set(span, found)
  }
  return causes
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

/** Every span after its causes. Those that cause each other, which only a broken writer makes, come last. */
export function inCausalOrder(byId: ReadonlyMap<string, Span>, causes: Causes): readonly Span[] {
  const effects = new Map<Span, Span[]>()
  const missing = new Map<Span, number>()
  const ready: Span[] = []
  for (const span of byId.values()) {
    const all = causes.get(span) ?? []
    missing.set(span, all.length)
    if (all.length === 0) ready.push(span)
    for (const cause of all) {
      const known = effects.get(cause)
      if (known === undefined) effects.set(cause, [span])
      else known.push(span)
    }
  }
  const order: Span[] = []
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(next)
    for (const effect of effects.get(next) ?? []) {
      const left = missing.get(effect)! - 1
      missing.set(effect, left)
      if (left === 0) ready.push(effect)
    }
  }
  if (order.length === byId.size) return order
  const placed = new Set(order)
  for (const span of byId.values()) if (!placed.has(span)) order.push(span)
  return order
}
