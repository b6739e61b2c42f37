/**
 * The course of a recorded run, as a replay of it goes: which input comes next, whose it is, and whether what was
 * committed is what was recorded. Everything else waits for its turn.
 *
 * C1 Inputs are taken one after another, in the order in which they were committed (F1).
 * C2 The first difference ends the replay, with an error that names it.
 */
import { isDeepStrictEqual } from 'node:util'
import { assertNever } from '../../protocols/errors.ts'
import { type ConversationId, type MessageId, nameOf } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { TurnInput } from '../turn/turn-input.ts'
import { changed } from './prompt-changes.ts'
import type { RecordedTurn, Recording } from './recording.ts'
import { RecordingError } from './recording-error.ts'

export interface Course {
  /** What is to be taken next; undefined when all was. */
  next(): RecordedTurn | undefined
  /** Turns taken so far. */
  taken(): number
  /** Lets what is next come. */
  release(): void
  /** Resolves when the message may come: once it is its turn, or all is over. */
  untilMessage(id: MessageId): Promise<void>
  /** Which peer takes it; undefined where none did. */
  takerOf(id: MessageId): RecordedTurn | undefined
  /** What came of an effect; undefined where nothing was taken of it. */
  outcomeOf(conversation: ConversationId, effect: string): RecordedTurn | undefined
  /** Resolves when an input of the host's own may be taken, with the input as it was then. */
  admit(conversation: ConversationId, input: TurnInput): Promise<TurnInput>
  /** Takes note of what was committed. */
  committed(record: ConversationRecord): void
  /** Resolves when all was taken. */
  readonly done: Promise<void>
  /** Ends the replay. The first error counts. */
  fail(error: RecordingError): void
  readonly failed: AbortSignal
}

type Waiter = { readonly promise: Promise<void>; readonly go: () => void }

export function createCourse({ turns }: Pick<Recording, 'turns'>): Course {
  const byKey = new Map(turns.map((turn) => [keyOfTurn(turn), turn]))
  const waiters = new Map<string, Waiter>()
  const failing = new AbortController()
  const end = waiter()
  let taken = 0
  if (turns.length === 0) end.go()

  const waiterFor = (key: string): Waiter => {
    const known = waiters.get(key) ?? waiter()
    waiters.set(key, known)
    return known
  }

  function fail(error: RecordingError): void {
    if (!failing.signal.aborted) failing.abort(error)
  }

  /** What nobody recorded waits until all is over. */
  const until = (key: string) =>
    byKey.has(key) ? Promise.race([waiterFor(key).promise, end.promise]) : end.promise

  return {
    next: () => turns[taken],
    taken: () => taken,
    release() {
      const next = turns[taken]
      if (next !== undefined) waiterFor(keyOfTurn(next)).go()
    },
    untilMessage: (id) => until(keyOfMessage(id)),
    takerOf: (id) => byKey.get(keyOfMessage(id)),
    outcomeOf: (conversation, effect) => byKey.get(keyOfOwn(conversation, 'outcome', effect)),
    async admit(conversation, input) {
      const key = keyOfInput(conversation, input)
      await until(key)
      const recorded = byKey.get(key)?.input
      return input.kind === 'overdue' && recorded?.kind === 'overdue'
        ? { ...input, isNobodyThere: recorded.isNobodyThere }
        : input
    },
    committed(record) {
      const { input } = record.took
      const next = turns[taken]
      if (input === undefined || next === undefined || failing.signal.aborted) return
      const key = keyOf(record.conversation, input, record.took.id)
      const error = key === keyOfTurn(next) ? changeOfTurn(next, record) : otherTurn(next, record)
      if (error !== undefined) return fail(error)
      taken++
      if (taken === turns.length) end.go()
    },
    done: end.promise,
    fail,
    failed: failing.signal,
  }
}

function waiter(): Waiter {
  let go = () => {}
  const promise = new Promise<void>((resolve) => {
    go = resolve
  })
  return { promise, go: () => go() }
}

/** `turn 3 of coder in fix-slug`, for people. */
export const whereOf = ({
  conversation,
  turn,
  role,
}: Pick<RecordedTurn, 'conversation' | 'turn' | 'role'>): string =>
  `turn ${turn} of ${role} in ${nameOf(conversation)}`

function changeOfTurn(recorded: RecordedTurn, record: ConversationRecord): RecordingError | undefined {
  const where = whereOf(recorded)
  if (recorded.peer !== record.by.peer)
    return changed('turn', where, 'the peer', recorded.peer, record.by.peer)
  const now = record.outbox.map(({ message: { id, type, to, body } }) => ({
    ...{ id, type, to: { role: to.role, conversation: to.conversation } },
    body: JSON.parse(JSON.stringify(body)) as unknown,
  }))
  const length = Math.max(recorded.sent.length, now.length)
  for (let index = 0; index < length; index++) {
    const [was, is] = [recorded.sent[index], now[index]]
    if (isDeepStrictEqual(was, is)) continue
    const { type, to } = (is ?? was)!
    return changed('message', where, `its message ${index + 1}, "${type}" to ${to.role}`, was, is)
  }
  return undefined
}

const otherTurn = (next: RecordedTurn, record: ConversationRecord) =>
  changed(
    'turn',
    `after ${whereOf(next)} should have come`,
    'what was taken',
    `${next.event} (${next.id ?? next.input.kind}) in ${next.conversation}`,
    `${record.took.event} (${record.took.id ?? record.took.input?.kind}) in ${record.conversation}`,
  )

const keyOfMessage = (id: MessageId) => `message ${id}`
const keyOfOwn = (conversation: ConversationId, kind: string, name: string) =>
  `${conversation} ${kind} ${name}`
const keyOfTurn = ({ conversation, input, id }: RecordedTurn) => keyOf(conversation, input, id)

function keyOf(conversation: ConversationId, input: RecordedTurn['input'], id: string | undefined): string {
  switch (input.kind) {
    case 'message':
    case 'given-up':
      return keyOfMessage(id as MessageId)
    case 'outcome':
      return keyOfOwn(conversation, 'outcome', id!)
    case 'timer':
      return keyOfOwn(conversation, 'timer', input.timer)
    case 'overdue':
      return keyOfOwn(conversation, 'overdue', input.message)
    case 'unsent':
      return keyOfOwn(conversation, 'unsent', '')
    default:
      return assertNever(input)
  }
}

function keyOfInput(conversation: ConversationId, input: TurnInput): string {
  switch (input.kind) {
    case 'message':
      return keyOfMessage(input.message.id)
    case 'given-up':
      return keyOfMessage(input.envelope.id)
    case 'outcome':
      return keyOfOwn(conversation, 'outcome', input.effect)
    case 'timer':
      return keyOfOwn(conversation, 'timer', input.timer)
    case 'overdue':
      return keyOfOwn(conversation, 'overdue', input.message)
    case 'unsent':
      return keyOfOwn(conversation, 'unsent', '')
    default:
      return assertNever(input)
  }
}

export const missing = (next: RecordedTurn, idle: readonly string[]): RecordingError =>
  new RecordingError(
    'missing',
    `${whereOf(next)} took ${next.event} (${next.id ?? next.input.kind}) when it was recorded, and that does not come now${
      idle.length === 0 ? '' : `; ${idle.join('; ')}`
    }: what comes before it has changed`,
  )
