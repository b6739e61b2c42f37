/** The end of a turn: what has ended is closed, what is idle parts with its stake, what nobody need host is parked. */
import type { AnyMachineSnapshot } from 'xstate'
import type { Envelope } from '../../protocols/envelope.ts'
import type { Behaviour } from './behaviour.ts'
import { conversationSpan } from './conversation-spans.ts'
import { type Draft, nextDraft, openDraft, sealed, type TurnContext } from './draft.ts'
import { jsonProblem } from './json.ts'
import { dropEffects, endedBefore } from './offer.ts'
import { fail, sayIdle } from './outgoing.ts'
import { type ConversationRecord, needsHost } from './record.ts'
import { refuse } from './request.ts'
import { hasSeen } from './seen.ts'
import { turnSpans } from './spans.ts'
import { partWithStake, receipt } from './stake-moves.ts'

/** Closes what has ended, fits the snapshot into the record, and parks what nobody need host. */
export function finish(draft: Draft, behaviour: Behaviour): void {
  const { live } = draft
  if (live !== undefined && draft.problem === null) {
    draft.problem = lossOf(draft, live)
    if (draft.problem !== null) draft.problemCode = 'machine.not-json'
    else draft.snapshot = behaviour.interpreter.store(live)
  }
  if (draft.problem !== null || live?.status === 'done' || live?.status === 'stopped') close(draft, behaviour)
  partWithStake(draft, (origin) => sayIdle(draft, origin))
  draft.owner = needsHost(draft) ? draft.by.peer : null
}

/** What the machine wants kept and JSON cannot hold, or null. */
function lossOf({ effects, timers }: Draft, { context, output = null }: AnyMachineSnapshot): string | null {
  const kept: [unknown, string][] = [
    [context, 'context'],
    [output, 'output'],
    ...effects.flatMap(({ invoke, input, next }): [unknown, string][] => [
      [input, `input of "${invoke}"`],
      ...(next ? [[next.input, `input of "${invoke}"`] as [unknown, string]] : []),
    ]),
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
  draft.unheard = draft.deferred.length
  for (const { event, request } of draft.deferred) refuse(draft, request, endedBefore(behaviour, event))
  draft.deferred = []
}

/** `error.type` of a conversation that was closed since its run ends. */
const RUN_ENDED = 'run.ended'

/** Why a conversation that its run's end closes is closed, for people. */
export type Ending = { readonly reason: string; readonly context: TurnContext }

/**
 * What is left of a conversation whose run ends: a tombstone that waits for nothing and tells nobody, since all that
 * it could tell is being closed as well. Its stake goes home, and with it that of a message it was sent.
 * @param record undefined where the message would have opened it
 */
export function ended(
  record: ConversationRecord | undefined,
  envelope: Envelope | undefined,
  { reason, context }: Ending,
): ConversationRecord {
  const nobody = { role: record?.role ?? envelope!.to.role, machine: { name: 'none', version: 0 } }
  const draft = record === undefined ? openDraft(nobody, envelope!, context) : nextDraft(record, context)
  if (envelope !== undefined && !hasSeen(draft.seen, envelope.id)) receipt(draft, envelope)
  const wasOpen = draft.phase === 'open'
  const from = record?.took.to ?? 'new'
  dropEffects(draft, () => true)
  Object.assign(draft, {
    ...{ phase: 'closed', snapshot: null, deferred: [], timers: [], requests: [], awaiting: [] },
    ...(wasOpen && { output: null, problem: reason, problemCode: RUN_ENDED }),
    took: { event: 'ended', from, to: wasOpen ? 'failed' : from, ...(envelope && { id: envelope.id }) },
  } satisfies Partial<Draft>)
  partWithStake(draft, (origin) => sayIdle(draft, origin))
  draft.owner = needsHost(draft) ? draft.by.peer : null
  draft.spans = [...draft.spans, ...turnSpans(draft, envelope === undefined ? {} : { envelope }, context)]
  if (wasOpen && draft.trace.sampled)
    draft.spans = [...draft.spans, conversationSpan(sealed(draft), context.resource, RUN_ENDED)]
  return sealed(draft)
}

/**
 * The record of a conversation that somebody else has to close first, with a message taken note of: its stake is in
 * the record then, whatever becomes of the message.
 */
export function credited(
  record: ConversationRecord,
  envelope: Envelope,
  context: TurnContext,
): ConversationRecord {
  const draft: Draft = { ...nextDraft(record, context), owner: record.owner, outbox: record.outbox }
  receipt(draft, envelope)
  draft.took = { event: 'credited', from: record.took.to, to: record.took.to, id: envelope.id }
  draft.spans = turnSpans(draft, { envelope }, context)
  return sealed(draft)
}
