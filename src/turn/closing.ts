/** The end of a turn: what has ended is closed, what nobody need host is parked. */
import type { AnyMachineSnapshot } from 'xstate'
import type { Behaviour } from './behaviour.ts'
import { type Draft, stamp, type TurnContext } from './draft.ts'
import { jsonProblem } from './json.ts'
import { dropEffects, endedBefore } from './offer.ts'
import { fail } from './outgoing.ts'
import { type ConversationRecord, needsHost } from './record.ts'
import { refuse } from './request.ts'
import { conversationSpan } from './spans.ts'

/** Closes what has ended, fits the snapshot into the record, and parks what nobody need host. */
export function finish(draft: Draft, behaviour: Behaviour): void {
  const { live } = draft
  if (live !== undefined && draft.problem === null) {
    draft.problem = lossOf(draft, live)
    if (draft.problem === null) draft.snapshot = behaviour.interpreter.store(live)
  }
  if (draft.problem !== null || live?.status === 'done' || live?.status === 'stopped') close(draft, behaviour)
  draft.owner = needsHost(draft) ? draft.by.peer : null
}

/** What the machine wants kept and JSON cannot hold, or null. */
function lossOf({ effects, timers }: Draft, { context, output = null }: AnyMachineSnapshot): string | null {
  const kept: [unknown, string][] = [
    [context, 'context'],
    [output, 'output'],
    ...effects.map(({ invoke, input }): [unknown, string] => [input, `input of "${invoke}"`]),
    ...timers.map((timer): [unknown, string] => [timer, `delayed "${timer.event.type}"`]),
  ]
  for (const [value, path] of kept) {
    const problem = jsonProblem(value, path)
    if (problem !== null) return problem
  }
  return null
}

function close(draft: Draft, behaviour: Behaviour): void {
  draft.phase = 'closed'
  draft.output = draft.problem === null ? (draft.live?.output ?? null) : null
  draft.snapshot = null
  dropEffects(draft, () => true)
  draft.timers = []
  draft.awaiting = []
  const reason = draft.problem ?? `role "${behaviour.role}" ended without an answer`
  for (const request of draft.requests) fail(draft, request, 'error', reason)
  for (const { event, request } of draft.deferred) refuse(draft, request, endedBefore(behaviour, event))
  draft.deferred = []
}

/** What is left of a conversation whose run is over: a tombstone that sends nothing and waits for nothing. */
export function abandoned(record: ConversationRecord, context: TurnContext): ConversationRecord {
  const closed: ConversationRecord = {
    ...record,
    ...stamp(context),
    phase: 'closed',
    owner: null,
    snapshot: null,
    output: null,
    problem: 'its run is over',
    deferred: [],
    outbox: [],
    effects: [],
    timers: [],
    requests: [],
    awaiting: [],
    spans: [],
    took: { event: 'abandoned', from: record.took.to, to: 'failed' },
  }
  const owes = record.trace.sampled && record.phase === 'open'
  return owes ? { ...closed, spans: [conversationSpan(closed, context.resource)] } : closed
}
