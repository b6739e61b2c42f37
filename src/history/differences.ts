/** Where a turn that was taken again comes to something else than what was recorded. */
import { isDeepStrictEqual } from 'node:util'
import { nameOf } from '../../protocols/ids.ts'
import type { ConversationRecord, OutboxEntry } from '../turn/record.ts'
import { changesBetween, type ValueChange } from './changes.ts'

export type Difference = {
  /** `record`: what the host keeps of it besides, where nothing else differs. */
  readonly what: 'state' | 'problem' | 'message' | 'effect' | 'timer' | 'context' | 'output' | 'record'
  /** Which one, and where in it: `2 task.request.body.hint`, `3.0 run_tests`, `round`. */
  readonly path: string
  /** Undefined where there is none. */
  readonly recorded: unknown
  readonly now: unknown
}

/** Spans are told by hosts. A machine may have another name or number, and do the same. */
const NOT_COMPARED = ['spans', 'machine'] as const

/** None where both are the same. Both as they are stored. */
export function differencesOf(recorded: ConversationRecord, now: ConversationRecord): Difference[] {
  const [was, is] = [comparable(recorded), comparable(now)]
  if (isDeepStrictEqual(was, is)) return []
  const found = [
    ...stateOf(recorded, now),
    ...messages(recorded.outbox, now.outbox),
    ...named('effect', effectsOf(recorded), effectsOf(now)),
    ...named('timer', timersOf(recorded), timersOf(now)),
    ...contextOf(recorded, now),
    ...differing('output', changesBetween(recorded.output ?? undefined, now.output ?? undefined)),
  ]
  return found.length > 0 ? found : differing('record', changesBetween(was, is))
}

const comparable = (record: ConversationRecord): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !NOT_COMPARED.some((other) => other === key)))

const differing = (what: Difference['what'], changes: Iterable<ValueChange>): Difference[] =>
  Array.from(changes, ({ path, before, after }) => ({ what, path, recorded: before, now: after }))

function stateOf(recorded: ConversationRecord, now: ConversationRecord): Difference[] {
  const state = { what: 'state' as const, path: '', recorded: recorded.took.to, now: now.took.to }
  const problem = { what: 'problem' as const, path: '', recorded: recorded.problem, now: now.problem }
  return [
    ...(state.recorded === state.now ? [] : [state]),
    ...(problem.recorded === problem.now ? [] : [problem]),
  ]
}

function messages(recorded: readonly OutboxEntry[], now: readonly OutboxEntry[]): Difference[] {
  return Array.from({ length: Math.max(recorded.length, now.length) }).flatMap((_, index): Difference[] => {
    const [was, is] = [recorded[index], now[index]]
    const [title, other] = [was && titleOf(was), is && titleOf(is)]
    const path = String(index + 1)
    if (title !== other) return [{ what: 'message', path, recorded: title, now: other }]
    return differing('message', changesBetween(saidIn(was!), saidIn(is!), `${path} ${was!.message.type}`))
  })
}

/** `task.request to coder in code-slugify`. */
const titleOf = ({ message: { type, to } }: OutboxEntry) =>
  `${type} to ${to.role} in ${nameOf(to.conversation)}`

/** What differs of a message by itself: its stake and its trace follow from what else was sent. */
const saidIn = ({ mailbox, via, message }: OutboxEntry) => {
  const { stake: _stake, traceparent: _traceparent, ...said } = message
  return { mailbox, via, ...said }
}

type Named = ReadonlyMap<string, unknown>

const effectsOf = ({ effects }: ConversationRecord): Named =>
  new Map(effects.map(({ name, invoke, src, input, next }) => [name, { invoke, src, input, next }]))

const timersOf = ({ timers }: ConversationRecord): Named =>
  new Map(timers.map(({ name, event, dueAt }) => [name, { event, dueAt }]))

function named(what: 'effect' | 'timer', recorded: Named, now: Named): Difference[] {
  const names = [...new Set([...recorded.keys(), ...now.keys()])]
  return names.flatMap((name) => differing(what, changesBetween(recorded.get(name), now.get(name), name)))
}

/** Of a conversation that is closed no context is kept: that its state differs says it all. */
function contextOf(
  { snapshot: was }: ConversationRecord,
  { snapshot: is }: ConversationRecord,
): Difference[] {
  if (was === null || is === null) return []
  return differing('context', changesBetween(was.context, is.context))
}
