/** How a run ended, from what its origin got, and from what kept its agents from going on. Pure. */
import type { FailureKind } from '../../protocols/failure.ts'
import type { ConversationId } from '../../protocols/ids.ts'
import { nameOf } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { PERSON, type Wanted } from '../people/gate.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { Conclusion } from './change-run.ts'
import type { OriginOutput } from './origin.ts'

/** Failures that say that time, or something else there is only so much of, ran out. */
const TOO_LATE: readonly FailureKind[] = ['timeout', 'no-peer', 'exhausted']

const RESULT = runProtocol.messages.result

/** What the origin ended with, if its machine did: not where the end of the run closed it. */
export function outputOf(origin: ConversationRecord | undefined): OriginOutput | undefined {
  if (origin?.phase !== 'closed' || origin.took.event === 'ended') return undefined
  if (origin.output !== null) return origin.output as OriginOutput
  return origin.problem === null ? undefined : { kind: 'failure', failure: 'error', reason: origin.problem }
}

export function conclusionOf(output: OriginOutput): Conclusion {
  if (output.kind === 'failure') {
    const { failure, reason } = output
    const outcome = TOO_LATE.includes(failure) ? 'exhausted' : 'failed'
    return { outcome: failure === 'cancelled' ? 'cancelled' : outcome, reason }
  }
  const result = RESULT.body.safeParse(output.body)
  if (output.type !== RESULT.type || !result.success) return { outcome: 'completed', reason: null }
  return { outcome: result.data.outcome, reason: result.data.reason }
}

const LIMITS = { hops: 'no hops were left', messages: 'no messages were left' } as const

/**
 * A limit that kept somebody from going on, with the way that led there; undefined where none did.
 * @param journal every commit of the run, oldest first
 */
export function limitReached(journal: readonly ConversationRecord[]): string | undefined {
  const last = lastLimit(journal)
  return last && `${LIMITS[last.took.limit!]}: ${shown(wayTo(last, journal))}`
}

/** What the origin was told of a limit, with the way that led there; as it is where there was no such limit. */
export function withWay(conclusion: Conclusion, journal: readonly ConversationRecord[]): Conclusion {
  const last = lastLimit(journal)
  if (last === undefined || conclusion.outcome !== 'exhausted') return conclusion
  const { reason } = conclusion
  const told = reason?.endsWith(`no ${last.took.limit} are left`)
  const way = told ? `${reason}, on the way ${shown(wayTo(last, journal))}` : undefined
  return { ...conclusion, reason: way ?? [reason, limitReached(journal)].filter(Boolean).join('; ') }
}

/** Who ran out of time may have waited for a person all along. */
export function withPeople(conclusion: Conclusion, journal: readonly ConversationRecord[]): Conclusion {
  const calls = undecidedIn(journal)
  if (calls.length === 0 || conclusion.outcome !== 'exhausted') return conclusion
  const named = calls.slice(0, SHOWN_CALLS).join(', ')
  const rest = calls.length > SHOWN_CALLS ? ` and ${calls.length - SHOWN_CALLS} more` : ''
  const why = `nobody decided on ${calls.length === 1 ? 'a call that waits' : `${calls.length} calls that wait`} for a person: ${named}${rest}`
  return { ...conclusion, reason: [conclusion.reason, why].filter(Boolean).join('; ') }
}

const SHOWN_CALLS = 4

/**
 * What was asked of people and had no answer, `merge_work of code-slugify`, oldest first. What its conversation went on
 * without is nobody's matter any more; what waited when the run closed it is.
 */
function undecidedIn(journal: readonly ConversationRecord[]): readonly string[] {
  const calls = new Map<string, { readonly conversation: ConversationId; readonly text: string }>()
  const givenUp = new Set<string>()
  for (const { conversation, effects, took } of journal) {
    const pending = new Set(effects.map(({ name }) => `${conversation} ${name}`))
    for (const { name, src, input } of effects) {
      if (src !== PERSON) continue
      const text = `${(input as Wanted).tool} of ${nameOf(conversation)}`
      calls.set(`${conversation} ${name}`, { conversation, text })
    }
    const result = took.input?.kind === 'outcome' ? took.input.result : undefined
    if (result?.ok === false && result.error.code === UNANSWERED) givenUp.add(`${conversation} ${took.id}`)
    if (took.event === 'ended') continue
    for (const [key, call] of calls)
      if (call.conversation === conversation && !pending.has(key) && !givenUp.has(key)) calls.delete(key)
  }
  return [...calls.values()].map(({ text }) => text)
}

const UNANSWERED = 'tool.unanswered'

const lastLimit = (journal: readonly ConversationRecord[]) =>
  journal.findLast(({ took }) => took.limit !== undefined)

/** Run is quiet, and its answer never came: who still waits to be spoken to. */
export function quietReason(journal: readonly ConversationRecord[]): string {
  const latest = new Map(journal.map((record) => [record.conversation, record]))
  const waiting = [...latest.values()].filter(({ phase, role }) => phase === 'open' && role !== 'origin')
  const named = waiting.map(({ role, conversation, took }) => `${role} ${nameOf(conversation)} (${took.to})`)
  const rest = named.length === 0 ? '' : `; still waiting to hear from somebody: ${named.join(', ')}`
  return `nothing is under way any more, and nobody answered${rest}`
}

/** Everybody is idle, and the answer never came. */
export function quietConclusion(journal: readonly ConversationRecord[]): Conclusion {
  const limit = limitReached(journal)
  return limit === undefined
    ? { outcome: 'unsatisfied', reason: quietReason(journal) }
    : { outcome: 'exhausted', reason: limit }
}

/** The conversations through which it went, from the first to the one of this commit. */
export function wayTo(record: ConversationRecord, journal: readonly ConversationRecord[]): ConversationId[] {
  // The first of each counts: a takeover repeats what it takes over, and says nothing of where that came from.
  const first = [...journal].reverse()
  const senders = new Map(first.flatMap((one) => one.outbox.map(({ message }) => [message.id, one])))
  const turns = new Map(first.map((one) => [`${one.conversation} ${one.turn}`, one]))
  const way: ConversationId[] = []
  const been = new Set<ConversationRecord>()
  for (let at: ConversationRecord | undefined = record; at !== undefined && !been.has(at); ) {
    been.add(at)
    if (way.at(0) !== at.conversation) way.unshift(at.conversation)
    at = causeOf(at)
  }
  return way

  function causeOf({ took: { id }, conversation, turn }: ConversationRecord): ConversationRecord | undefined {
    if (id === undefined) return turns.get(`${conversation} ${turn - 1}`)
    if (id.includes('>')) return senders.get(id as never)
    // An effect is named after the turn that asked for it.
    return turns.get(`${conversation} ${id.slice(0, id.indexOf('.'))}`)
  }
}

/** Names of a way that are shown at its beginning, and at its end. */
const SHOWN = { first: 4, last: 8 }

function shown(way: readonly ConversationId[]): string {
  const names = way.map(nameOf)
  const { first, last } = SHOWN
  if (names.length <= first + last + 1) return names.join(' → ')
  const left = names.length - first - last
  return [...names.slice(0, first), `… ${left} more …`, ...names.slice(-last)].join(' → ')
}
