/**
 * Who waited for whom, from when to when. A sender waits for the answer to a question; a join waits for the answers
 * that routing slips bring to it.
 */
import type { Message, Story, Turn } from '../read/story.ts'
import { answersIn, isFailure, isOwnFailure, isTalk } from './talk.ts'

export type Wait = {
  readonly message: Message
  /** Names of conversations. */
  readonly waiter: string
  readonly waited: string
  readonly fromMs: number
  /** Infinite where it never ended. */
  readonly untilMs: number
  readonly end: 'answered' | 'failed' | 'never'
  /** The turn that took the answer, or the failure. */
  readonly turn: Turn | undefined
}

export function waitsIn(story: Story): readonly Wait[] {
  const answers = answersIn(story)
  const fromTo = new Map<string, Message[]>()
  for (const message of story.messages) {
    if (!isTalk(message) || message.sender === undefined) continue
    const way = `${message.sender.conversation.id} ${message.toConversation}`
    const known = fromTo.get(way)
    if (known === undefined) fromTo.set(way, [message])
    else known.push(message)
  }
  const own = ownFailures(story)
  const unsent = unsentIn(story)
  const waits: Wait[] = []
  for (const message of story.messages) {
    const { sender, toConversation: waited } = message
    if (waited === undefined || !isTalk(message)) continue
    const about = (waiter: string, end: Pick<Wait, 'untilMs' | 'end' | 'turn'>) =>
      waits.push({ ...{ message, waiter, waited, fromMs: message.sentMs }, ...end })
    if (message.awaits && sender !== undefined) {
      const answer = answers.get(message.id)?.find(({ taker }) => taker?.conversation === sender.conversation)
      const isLate = answer?.taker?.disposition === 'late'
      const failed = answer === undefined || isLate ? (unsent.get(message) ?? own.get(message)) : undefined
      if (failed !== undefined) about(sender.conversation.id, endAt(failed, 'failed'))
      else if (answer?.taker === undefined || isLate) about(sender.conversation.id, NEVER)
      else about(sender.conversation.id, endAt(answer.taker, isFailure(answer) ? 'failed' : 'answered'))
    }
    for (const waiter of message.slip) {
      const answer = fromTo
        .get(`${waited} ${waiter}`)
        ?.find(({ taker, sentMs }) => taker !== undefined && sentMs >= message.sentMs)
      if (answer?.taker === undefined) about(waiter, NEVER)
      else about(waiter, endAt(answer.taker, isFailure(answer) ? 'failed' : 'answered'))
    }
  }
  return waits
}

const NEVER = { untilMs: Number.POSITIVE_INFINITY, end: 'never', turn: undefined } as const
const endAt = (turn: Turn, end: 'answered' | 'failed') => ({ untilMs: turn.node.startMs, end, turn })

/**
 * Failures that hosts told their machines of, with the questions they are about. Where a span does not say which, they
 * come in the order of the deadlines, so each goes to the question of its conversation that was due first.
 */
function ownFailures({ conversations, messages }: Story): ReadonlyMap<Message, Turn> {
  const answers = new Set(
    messages
      .filter(({ taker }) => taker !== undefined && taker.disposition !== 'late')
      .map((one) => one.answers),
  )
  const found = new Map<Message, Turn>()
  for (const conversation of conversations) {
    const open = conversation.turns
      .flatMap(({ sends }) => sends)
      .filter(({ id, awaits }) => awaits && !answers.has(id))
      .sort((a, b) => (a.deadlineMs ?? a.sentMs) - (b.deadlineMs ?? b.sentMs))
    for (const turn of conversation.turns) {
      if (!isOwnFailure(turn) || turn.failure === 'refused') continue
      const index = open.findIndex(({ id, sender }) =>
        turn.about === undefined ? sender!.number <= turn.number : id === turn.about,
      )
      if (index >= 0) found.set(open.splice(index, 1)[0]!, turn)
    }
  }
  return found
}

/** Messages that no mailbox took, with the turn in which their sender heard that: all of one turn at once. */
export function unsentIn({ conversations }: Story): ReadonlyMap<Message, Turn> {
  const unsent = new Map<Message, Turn>()
  for (const { turns } of conversations) {
    let last: readonly Message[] = []
    for (const turn of turns) {
      if (isOwnFailure(turn) && turn.failure === 'refused')
        for (const message of last) if (message.taker === undefined) unsent.set(message, turn)
      if (turn.sends.length > 0) last = turn.sends
    }
  }
  return unsent
}
