/**
 * Somebody does not notice that it is over: goes on calling models after its answer was given, or after the run had its
 * result; or never comes to an answer, until a limit stops it.
 */
import type { Conversation, Effect, Story, Turn } from '../read/story.ts'
import type { Detector, Sighting } from './finding.ts'
import { answersIn, called, heardIn, isFailure, isTalk, listed, originOf, resultTurn } from './talk.ts'

/** Calls after the end: one may be under way, a second one may tidy up. */
const AFTER_THE_END = 3
/** Calls on one message without an answer to it: several times what a task takes that is going to be done. */
const WITHOUT_ANSWER = 20

export const unawareOfTermination: Detector = {
  code: 'unaware-of-termination',
  mast: 'FM-1.5',
  detect(story) {
    const answers = answersIn(story)
    const isOwed = (turn: Turn, at: Turn): boolean => {
      const heard = heardIn(turn)
      if (heard === undefined) return false
      const given =
        answers.get(heard.id)?.filter(({ sender }) => sender?.conversation === at.conversation) ?? []
      return given.length > 0 ? given.every(({ sender }) => sender!.number > at.number) : heard.awaits
    }
    const result = resultTurn(story)
    return [
      ...story.conversations.flatMap((conversation) => {
        const sighting =
          afterAnswer(conversation, isOwed) ??
          (result && afterResult(conversation, result)) ??
          withoutAnswer(conversation, story)
        return sighting ?? []
      }),
      ...outOfHops(story),
    ]
  },
}

const chatsOf = (turns: readonly Turn[]): Effect[] =>
  turns.flatMap(({ effects }) => effects).filter(({ kind, error }) => kind === 'chat' && !isUnwanted(error))

/** It was not made, or nobody wanted it any more. */
const isUnwanted = (error: string | undefined): boolean =>
  error !== undefined && /^(quota|effect)\./.test(error)

function afterAnswer(
  conversation: Conversation,
  isOwed: (turn: Turn, at: Turn) => boolean,
): Sighting | undefined {
  const { turns } = conversation
  for (const [index, turn] of turns.entries()) {
    if (!turn.sends.some((sent) => sent.answers !== undefined && isTalk(sent))) continue
    if (turns.slice(0, index + 1).some((earlier) => isOwed(earlier, turn))) continue
    const rest = turns.slice(index + 1)
    const next = rest.findIndex((later) => heardIn(later) !== undefined)
    const chats = chatsOf([turn, ...(next < 0 ? rest : rest.slice(0, next))])
    if (chats.length < AFTER_THE_END) continue
    return {
      severity: 'warning',
      seen: `${called(conversation)} had given its answer, and called a model ${chats.length} times more without being asked for anything.`,
      ...GOES_ON,
      nodes: [turn.node, ...chats.map(({ node }) => node)],
    }
  }
  return undefined
}

const GOES_ON = {
  why: 'Nobody waits for what it does there, and it is paid for.',
  advice: 'Let the machine go to a state without effects, a final one best, where it gives its answer.',
}

function afterResult(conversation: Conversation, result: Turn): Sighting | undefined {
  const chats = chatsOf(conversation.turns).filter(({ node }) => node.startMs > result.node.startMs)
  if (chats.length < AFTER_THE_END) return undefined
  return {
    severity: 'warning',
    seen: `${called(conversation)} began ${chats.length} calls to a model after the run had its result.`,
    why: GOES_ON.why,
    advice: 'Tell it that its work is no longer wanted, or wait for it before the result is given.',
    nodes: [result.node, ...chats.map(({ node }) => node)],
  }
}

function withoutAnswer(conversation: Conversation, { over }: Story): Sighting | undefined {
  if (over?.outcome === 'cancelled') return undefined
  const { turns } = conversation
  const asked = turns.findLastIndex((turn) => heardIn(turn) !== undefined)
  const since = turns.slice(Math.max(0, asked))
  const chats = chatsOf(since)
  const sends = since.flatMap((turn) => turn.sends)
  const hasFailed = conversation.outcome === 'failed' || sends.some(isFailure)
  const last = since.flatMap(({ effects }) => effects).at(-1)
  // What broke it is said by the call that broke.
  const isBroken = last?.error !== undefined && last.error !== 'effect.unwanted'
  if (chats.length < WITHOUT_ANSWER || !hasFailed || isBroken) return undefined
  return {
    severity: 'error',
    seen: `${called(conversation)} called a model ${chats.length} times on one message and came to no answer before it was stopped.`,
    why: 'It does not know when it is done, so a limit decided instead, and all that it did was in vain.',
    advice:
      'Say in its instructions what a finished answer is and that it may give a partial one; see in its last calls what it was still after.',
    nodes: [since[0]!.node, ...chats.map(({ node }) => node)],
  }
}

/** Hand-overs that nobody ends: each hop is somebody who hands on instead of answering. */
function outOfHops(story: Story): Sighting[] {
  const turns = story.turns.filter(({ limit }) => limit === 'hops')
  if (turns.length === 0) return []
  const origin = originOf(story)
  const who = listed(
    turns.map(({ conversation }) => conversation.role).filter((role) => role !== origin?.role),
  )
  return [
    {
      severity: 'error',
      seen: `Messages were handed on until no hops were left, last by ${who}.`,
      why: 'Nobody on the way saw that it was for him to answer; the limit on hops ended it.',
      advice:
        'Follow the chain of messages to where it first comes back to a role, and let that role answer or refuse.',
      nodes: turns.map(({ node }) => node),
    },
  ]
}
