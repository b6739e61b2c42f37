/**
 * The course of a recorded run, as a replay of it goes: which input comes next, whose it is, and whether what was
 * committed is what was recorded. Everything else waits for its turn.
 *
 * C1 Inputs are taken one after another, in the order in which they were committed (F1).
 * C2 The first difference ends the replay, with an error that names it.
 * C3 What nobody took when it was recorded is not taken: a message waits until all is over, since its stake has to come
 *    home, and what a host has of its own for ever.
 */
import { isDeepStrictEqual } from 'node:util'
import { assertNever } from '../../protocols/errors.ts'
import { type ConversationId, type MessageId, nameOf, partsOf } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { idOf, type TurnInput, takenAs } from '../turn/turn-input.ts'
import { changed } from './prompt-changes.ts'
import type { RecordedMessage, RecordedTurn, Recording } from './recording.ts'
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
  /**
   * Resolves where a full mailbox refused the message when it was sent, as its sender is to be told so; undefined
   * where none did.
   */
  refusalOf(id: MessageId): Promise<string> | undefined
  /** What came of an effect; undefined where nothing was taken of it. */
  outcomeOf(conversation: ConversationId, effect: string): RecordedTurn | undefined
  /** Resolves when an input may be taken, with the input as it was then. */
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
  const byName = new Map(turns.map((turn) => [inputName(turn), turn]))
  const waiters = new Map(turns.map((turn) => [turn, waiter()]))
  const last = new Map<ConversationId, number>()
  const failing = new AbortController()
  const end = waiter()
  let taken = 0
  if (turns.length === 0) end.go()

  function fail(error: RecordingError): void {
    if (!failing.signal.aborted) failing.abort(error)
  }

  const turnOf = (id: MessageId) => byName.get(messageName(id))
  const until = (turn: RecordedTurn) => Promise.race([waiters.get(turn)!.promise, end.promise])

  return {
    next: () => turns[taken],
    taken: () => taken,
    release() {
      const next = turns[taken]
      if (next !== undefined) waiters.get(next)!.go()
    },
    untilMessage(id) {
      const turn = turnOf(id)
      return turn === undefined ? end.promise : until(turn)
    },
    takerOf: turnOf,
    refusalOf(id) {
      const { from } = partsOf(id)
      // Of its sender's last turn: a message that was refused may give its number to another.
      const turn = byName.get(unsentName(from, (last.get(from) ?? 0) + 1))
      if (turn?.input.kind !== 'unsent' || !turn.unsent?.includes(id)) return undefined
      const { reason } = turn.input
      return until(turn).then(() => reason)
    },
    outcomeOf: (conversation, effect) => byName.get(ownName(conversation, 'outcome', effect)),
    async admit(conversation, input) {
      const taken = takenAs(input)
      const turn = byName.get(inputName({ conversation, turn: undefined, input: taken, ...idOf(input) }))
      if (turn !== undefined) {
        await until(turn)
        return asItWas(input, turn.input)
      }
      return taken.kind === 'message' || taken.kind === 'given-up' ? input : new Promise(() => {})
    },
    committed(record) {
      last.set(record.conversation, record.turn)
      const { input } = record.took
      const next = turns[taken]
      if (input === undefined || next === undefined || failing.signal.aborted) return
      const name = inputName({ ...record, input, id: record.took.id })
      const error = name === inputName(next) ? changeOfTurn(next, record) : otherTurn(next, record)
      if (error !== undefined) return fail(error)
      taken++
      if (taken === turns.length) end.go()
    },
    done: end.promise,
    fail,
    failed: failing.signal,
  }
}

/**
 * What hosts know by themselves and a replay cannot: who was alive, and what they had to give up. That a message cannot
 * be read is found out anew.
 */
function asItWas(input: TurnInput, recorded: RecordedTurn['input']): TurnInput {
  if (input.kind === 'overdue' && recorded.kind === 'overdue')
    return { ...input, isNobodyThere: recorded.isNobodyThere }
  if (input.kind === 'message' && recorded.kind === 'given-up' && recorded.failure !== 'invalid') {
    const { message: envelope, delivery } = input
    return { ...recorded, envelope, ...(delivery !== undefined && { delivery }) }
  }
  return input
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
    const part = `its message ${index + 1}, "${type}" to ${to.role}`
    return changed('message', where, part, was && saidBy(was), is && saidBy(is))
  }
  return undefined
}

/** What tells two messages apart comes first: no more than the first lines of a change are shown. */
const saidBy = ({ id, type, to, body }: RecordedMessage): string =>
  `${type} to ${to.role} in ${nameOf(to.conversation)}\n${JSON.stringify(body, null, 1)}\n${id}`

const otherTurn = (next: RecordedTurn, record: ConversationRecord) =>
  changed(
    'turn',
    `after ${whereOf(next)} should have come`,
    'what was taken',
    `${next.event} (${next.id ?? next.input.kind}) in ${next.conversation}`,
    `${record.took.event} (${record.took.id ?? record.took.input?.kind}) in ${record.conversation}`,
  )

const messageName = (id: MessageId) => `message ${id}`
const unsentName = (conversation: ConversationId, turn: number | undefined) =>
  ownName(conversation, 'unsent', String(turn))
const ownName = (conversation: ConversationId, kind: string, name: string) =>
  `${conversation} ${kind} ${name}`

type NamedInput = Pick<RecordedTurn, 'conversation' | 'input' | 'id'> & {
  readonly turn: number | undefined
}

/** No two inputs of a run have the same. */
function inputName({ conversation, turn, input, id }: NamedInput): string {
  switch (input.kind) {
    case 'message':
    case 'given-up':
      return messageName(id as MessageId)
    case 'outcome':
      return ownName(conversation, input.kind, id!)
    case 'timer':
      return ownName(conversation, input.kind, input.timer)
    case 'overdue':
      return ownName(conversation, input.kind, input.message)
    case 'unsent':
      return unsentName(conversation, turn)
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
