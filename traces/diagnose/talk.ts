/** Messages as a conversation has them: what it heard, what it owes, and what led to what it sent. */
import { failure } from '../../protocols/failure.ts'
import { run } from '../../protocols/run.ts'
import type { Conversation, Message, Story, Turn } from '../read/story.ts'

const IDLE = run.messages.idle.type
const START = run.messages.start.type
const FAILURE = failure.messages.failure.type

/** It says something: `run.idle` only accounts for stake. */
export const isTalk = ({ type }: Message): boolean => type !== IDLE

export const isFailure = ({ type }: Message): boolean => type === FAILURE

/** Turns in which a host closes what is left of a run, or only notes that a message came. No machine saw anything. */
const CLOSING: readonly string[] = ['ended', 'credited']
export const isClosing = ({ event }: Turn): boolean => CLOSING.includes(event)

const TAKEN: readonly (string | undefined)[] = ['taken', 'deferred', undefined]

/** The message that a turn brought before its machine, then or for later; undefined where there was none. */
export function heardIn(turn: Turn): Message | undefined {
  const { message, disposition } = turn
  return message && isTalk(message) && !isClosing(turn) && TAKEN.includes(disposition) ? message : undefined
}

/** A host told the machine of a failure that nobody sent: no answer came in time, or a message could not be sent. */
export const isOwnFailure = (turn: Turn): boolean =>
  turn.event === FAILURE && turn.node.span.kind === 'internal' && turn.message === undefined

/** A delayed event of the machine's own: it had decided to wait. */
export const isTimer = (turn: Turn): boolean =>
  turn.node.span.kind === 'internal' &&
  turn.message === undefined &&
  !/^xstate\.(done|error)\./.test(turn.event) &&
  !isOwnFailure(turn) &&
  !isClosing(turn)

/** Answers and failures, by the id of the message that they answer. */
export function answersIn({ messages }: Story): ReadonlyMap<string, readonly Message[]> {
  const answers = new Map<string, Message[]>()
  for (const message of messages) {
    if (message.answers === undefined || !isTalk(message)) continue
    const known = answers.get(message.answers)
    if (known === undefined) answers.set(message.answers, [message])
    else known.push(message)
  }
  return answers
}

/** The conversation that the run began with: who asked for everything. */
export const originOf = ({ conversations }: Story): Conversation | undefined =>
  conversations.find(({ turns }) => turns[0]?.event === START)

/** The turn in which the origin took the answer to its goal; undefined where it got none, or a failure. */
export function resultTurn(story: Story): Turn | undefined {
  return originOf(story)?.turns.find((turn) => {
    const heard = heardIn(turn)
    return heard?.answers !== undefined && !isFailure(heard)
  })
}

/** `coder-1, in its conversation "code-a"`: the last who was at it, not who closed what was left of it. */
export const called = ({ role, id, turns }: Conversation): string =>
  `${turns.findLast((turn) => !isClosing(turn))?.peer || role}, in its conversation "${id}"`

export const times = (count: number): string => (count === 2 ? 'twice' : `${count} times`)

/** `a`, `a and b`, `a, b and 3 more` */
export function listed(names: readonly string[], most = 4): string {
  const all = [...new Set(names)]
  const shown = all.slice(0, all.length > most ? most - 1 : most)
  const rest = all.length - shown.length
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
