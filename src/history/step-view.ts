/** What a step did, for people and for programs: who, what came in, what changed, what went out. */
import { isDeepStrictEqual } from 'node:util'
import { assertNever } from '../../protocols/errors.ts'
import { type MessageId, nameOf, type PeerId, partsOf } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import type { ConversationRecord, Effect } from '../turn/record.ts'
import { changesBetween, type ValueChange } from './changes.ts'
import type { HistoryStep } from './steps.ts'

/** What came in. Conversations by their name inside the run. */
export type TookView =
  | { readonly kind: 'message'; readonly type: string; readonly from: string; readonly id: string }
  | {
      readonly kind: 'outcome'
      /** The tool, or what else it was: `run_tests`, `chat`. */
      readonly effect: string
      readonly name: string
      readonly ok: boolean
      readonly error?: string
    }
  | { readonly kind: 'timer'; readonly event: string }
  /** No answer came to a message. */
  | { readonly kind: 'overdue'; readonly type: string; readonly to: string; readonly isNobodyThere: boolean }
  /** A message that could not be dealt with. */
  | { readonly kind: 'given-up'; readonly type: string; readonly from: string; readonly reason: string }
  /** Messages that full mailboxes refused. */
  | { readonly kind: 'unsent'; readonly messages: readonly MessageId[]; readonly reason: string }
  /** What the journal does not tell. */
  | { readonly kind: 'unknown'; readonly event: string }

export type StepView = {
  readonly number: number
  readonly kind: HistoryStep['kind']
  readonly conversation: string
  readonly turn: number
  readonly role: string
  readonly peer: PeerId
  readonly epoch: number
  readonly host: string
  readonly pid: number
  /** By the clock of that host, in milliseconds since 1970. */
  readonly at: number
  /** Who had it before, where that was another peer or another process of the same. */
  readonly before?: {
    readonly peer: PeerId
    readonly epoch: number
    readonly host: string
    readonly pid: number
  }
  readonly took: TookView
  readonly from: string
  readonly to: string
  /** Of the machine's context. All of it is new in the first turn, and none is kept when it ends. */
  readonly context: readonly ValueChange[]
  readonly sent: readonly {
    readonly type: string
    readonly to: string
    readonly role: string
    readonly id: string
  }[]
  readonly started: readonly { readonly effect: string; readonly name: string }[]
  /** Effects that it went on without. */
  readonly dropped: readonly { readonly effect: string; readonly name: string }[]
  readonly timers: readonly { readonly event: string; readonly inMs: number }[]
  /** Messages that it keeps for a later state. */
  readonly deferred: readonly string[]
  /** Why it was closed, where its machine did not end by itself. */
  readonly problem: string | null
  /** What its machine ended with. */
  readonly output: unknown
}

export function viewOfStep(step: HistoryStep): StepView {
  const { number, kind, record, before } = step
  const { by, took, turn, role, epoch, at, snapshot } = record
  const closes = record.phase === 'closed' && before?.phase !== 'closed'
  const own = kind === 'turn'
  const isNew = (name: string) => own && name.startsWith(`${turn}.`)
  return {
    ...{ number, kind, conversation: nameOf(record.conversation), turn, role },
    ...{ peer: by.peer, epoch, host: by.host, pid: by.pid, at },
    ...(before && isElsewhere(before, record) && { before: { ...before.by, epoch: before.epoch } }),
    ...{ took: tookOf(step), from: took.from, to: took.to },
    // The first turn changes nothing: there was nothing. What a host does leaves the context as it is.
    context: snapshot === null ? [] : [...changesBetween(before?.snapshot?.context ?? {}, snapshot.context)],
    // That stake goes home is the host's business, and no message of a machine.
    sent: (kind === 'takeover' || kind === 'credited' ? [] : record.outbox)
      .filter(({ message }) => message.type !== IDLE)
      .map(({ message: { type, to, id } }) => ({ type, to: nameOf(to.conversation), role: to.role, id })),
    started: record.effects.filter(({ name }) => isNew(name)).map(namedEffect),
    dropped: (before?.effects ?? [])
      .filter(({ name }) => name !== took.id && !record.effects.some((effect) => effect.name === name))
      .map(namedEffect),
    timers: record.timers
      .filter(({ name }) => isNew(name))
      .map(({ event, dueAt }) => ({ event: event.type, inMs: dueAt - at })),
    deferred: record.deferred
      .filter((kept) => !before?.deferred.some((other) => isDeepStrictEqual(other, kept)))
      .map(({ event }) => event.type),
    problem: closes ? record.problem : null,
    output: closes ? record.output : null,
  }
}

const IDLE = runProtocol.messages.idle.type

const isElsewhere = (before: ConversationRecord, { by, epoch }: ConversationRecord): boolean =>
  before.epoch !== epoch ||
  before.by.peer !== by.peer ||
  before.by.pid !== by.pid ||
  before.by.host !== by.host

const namedEffect = (effect: Effect) => ({ effect: effectTitle(effect), name: effect.name })

/** A tool by its name, and what waits for a person by that it does. */
function effectTitle({ src, input }: Pick<Effect, 'src' | 'input'>): string {
  const tool = (input as { readonly tool?: unknown } | null)?.tool
  return typeof tool === 'string' ? (src === 'tool' ? tool : `${src} ${tool}`) : src
}

function tookOf({ record, before, input, message }: HistoryStep): TookView {
  const { took } = record
  const messageTaken = (id: string, type: string) => ({
    type: message?.type ?? type,
    from: nameOf(partsOf(id as MessageId).from),
  })
  if (input === undefined || 'missing' in input) {
    const { id, event } = took
    return id?.includes('>')
      ? { kind: 'message', ...messageTaken(id, event), id }
      : { kind: 'unknown', event }
  }
  switch (input.kind) {
    case 'message':
      return { kind: 'message', ...messageTaken(input.message.id, took.event), id: input.message.id }
    case 'given-up':
      return { kind: 'given-up', ...messageTaken(input.envelope.id, took.event), reason: input.reason }
    case 'outcome': {
      const { effect: name, result } = input
      const effect = before?.effects.find((pending) => pending.name === name)
      return {
        ...{
          kind: 'outcome',
          effect: effect === undefined ? name : effectTitle(effect),
          name,
          ok: result.ok,
        },
        ...(!result.ok && { error: `${result.error.code}: ${result.error.message}` }),
      }
    }
    case 'timer':
      return { kind: 'timer', event: took.event }
    case 'overdue': {
      const awaited = before?.awaiting.find(({ id }) => id === input.message)
      return {
        ...{ kind: 'overdue', type: awaited?.type ?? '', to: nameOf(partsOf(input.message).to) },
        isNobodyThere: input.isNobodyThere ?? false,
      }
    }
    case 'unsent':
      return input
    default:
      return assertNever(input)
  }
}
