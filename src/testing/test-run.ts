/** One run in a mesh: from the message that a test sends to how it ended. */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { failure } from '../../protocols/failure.ts'
import { conversationId, type RunId } from '../../protocols/ids.ts'
import { type Outcome, run as runProtocol } from '../../protocols/run.ts'
import type { Prices } from '../model/prices.ts'
import type { Role } from '../role/define.ts'
import { outputOf } from '../run/conclusion.ts'
import { type Figures, figuresOf } from '../run/figures.ts'
import { ORIGIN_CONVERSATION } from '../run/origin-address.ts'
import type { Limits } from '../run/quota.ts'
import type { RunRecord } from '../run/run-record.ts'
import type { Start } from '../run/submit-run.ts'
import { type Spending, summarise } from '../run/summary.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { TestingError } from './errors.ts'
import type { TestMessage } from './messages.ts'

export type RunRequest<Message extends MessageDefinition = MessageDefinition> = AskOptions & {
  /** The role that the message goes to. */
  readonly to: string
  readonly message: Message
  readonly body: z.input<Message['body']>
}

export type AskOptions = {
  /** What may answer the message: what its protocol says, among what the roles send, unless given. */
  readonly answers?: readonly MessageDefinition[]
  /** Virtual milliseconds after which the run is stopped, as a run of any flock is. */
  readonly timeoutMs?: number
  /** What it may spend; as much as it likes of what is not named. */
  readonly limits?: Partial<Limits>
  /** Prices of models, by name. */
  readonly prices?: Prices
  /** Longest chain of messages. */
  readonly hops?: number
  /** Names of tools whose calls a person has to approve, besides those that say so themselves. */
  readonly approve?: readonly string[]
  /** Nobody is there to be asked: what would wait for a person is refused at once. */
  readonly noHuman?: boolean
}

/** What came back: the answer, or a message `failure` with its `kind` and `reason`. */
export type Reply = { readonly type: string; readonly body: unknown }

export type RunOutcome = {
  readonly run: RunId
  readonly outcome: Outcome
  /** Why it ended so; null where there is nothing to say. */
  readonly reason: string | null
  readonly reply: Reply
  readonly messages: readonly TestMessage[]
  /** Calls to models, their tokens, and calls of tools. */
  readonly spent: Spending
  /** By peer, role and model. */
  readonly figures: Figures
  readonly virtualMs: number
}

/** @throws TestingError `testing.role`, `testing.answers` */
export function startOf({ to, message, body, answers }: RunRequest, roles: readonly Role[]): Start {
  const role = roles.find(({ name }) => name === to)
  if (role === undefined)
    throw new TestingError(
      'role',
      `there is no role "${to}" in this mesh: there are ${roles.map(({ name }) => name).join(', ')}`,
    )
  if (!role.accepts.some(({ type }) => type === message.type))
    throw new TestingError(
      'role',
      `the ${to} does not accept "${message.type}": it accepts ${role.accepts.map(({ type }) => type).join(', ')}`,
    )
  return { role: to, message, body, answers: answers ?? answersTo(message, roles) }
}

function answersTo({ type, answeredBy }: MessageDefinition, roles: readonly Role[]): MessageDefinition[] {
  const known = [...roles.flatMap(({ sends }) => sends), ...Object.values(runProtocol.messages)]
  const answers = answeredBy.flatMap((name) => known.find((one) => one.type === name) ?? [])
  if (answers.length > 0) return answers
  throw new TestingError(
    'answers',
    answeredBy.length === 0
      ? `nothing answers "${type}", so a test would wait for ever: name its answers in its protocol, or begin with a message that has some`
      : `"${type}" is answered by ${answeredBy.join(' or ')}, which no role of this mesh sends: add the role, or give "answers"`,
  )
}

/** @param journal every commit of the run, oldest first */
export function outcomeOf(
  record: RunRecord,
  journal: readonly ConversationRecord[],
  messages: readonly TestMessage[],
): RunOutcome {
  const { run, outcome, reason } = record
  const origin = conversationId(run, ORIGIN_CONVERSATION)
  const closing = journal.find(({ conversation, phase }) => conversation === origin && phase === 'closed')
  return {
    ...{ run, reason, messages },
    outcome: outcome ?? 'failed',
    reply: replyOf(record, outputOf(closing)),
    spent: summarise(journal).spent,
    figures: figuresOf(journal, record.prices ?? {}),
    virtualMs: (record.endedAt ?? record.startedAt) - record.startedAt,
  }
}

function replyOf({ outcome, reason }: RunRecord, output: ReturnType<typeof outputOf>): Reply {
  if (output?.kind === 'answer') return { type: output.type, body: output.body }
  const { type } = failure.messages.failure
  if (output !== undefined) return { type, body: { kind: output.failure, reason: output.reason } }
  // It was stopped before anybody answered.
  const kind = outcome === 'cancelled' || outcome === 'exhausted' ? outcome : 'error'
  return { type, body: { kind, reason } }
}
