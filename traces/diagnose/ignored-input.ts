/**
 * What a peer said had no effect on who it was said to: kept for later and never heard, refused, not in the prompt, or
 * answered as if it had not been said. What asks for nothing, and is no part of what its sender waits for, may go
 * unheard: thanks, or news for whoever is still there.
 */
import type { Conversation, Message, Story, Turn } from '../read/story.ts'
import type { Detector, Sighting } from './finding.ts'
import {
  answersIn,
  called,
  heardIn,
  isClosing,
  isFailure,
  isTalk,
  listed,
  originOf,
  resultTurn,
} from './talk.ts'
import { type Wait, waitsIn } from './waits.ts'

export const ignoredInput: Detector = {
  code: 'ignored-input',
  mast: 'FM-2.5',
  detect(story) {
    const answers = answersIn(story)
    const result = resultTurn(story)
    const waits = waitsIn(story)
    return story.conversations.flatMap((conversation) => [
      ...neverHeard(conversation, story, waits),
      ...refused(conversation, result, waits),
      ...late(conversation, answers),
      ...notInPrompt(conversation, story),
      ...sameAnswer(conversation, answers),
    ])
  },
}

type Answers = ReturnType<typeof answersIn>

const isDeferred = ({ disposition, message }: Turn): boolean =>
  disposition === 'deferred' && message !== undefined && !isFailure(message)

/** Who breaks down hears nothing; that he broke down is said already. */
const isBroken = ({ outcome, error }: Conversation): boolean => outcome === 'failed' && error !== 'run.ended'

const quoted = (messages: readonly (Message | undefined)[]): string =>
  listed(messages.map((message) => `"${message?.type}" from ${message?.fromPeer}`))

/** Nobody waits for what becomes of it: neither for its answer, nor for one that it may have a part in. */
const asksForNothing = (message: Message, waits: readonly Wait[]): boolean =>
  !message.awaits &&
  message.slip.length === 0 &&
  message.answers === undefined &&
  !waits.some(
    ({ waiter, waited, fromMs, untilMs }) =>
      waiter === message.sender?.conversation.id &&
      waited === message.toConversation &&
      fromMs <= message.sentMs &&
      untilMs > message.sentMs,
  )

const ENDED_BY_ITSELF: ReadonlySet<string> = new Set(['completed', 'unsatisfied'])

function neverHeard(conversation: Conversation, { over }: Story, waits: readonly Wait[]): Sighting[] {
  const turns = conversation.turns.filter((turn) => !isClosing(turn))
  const last = turns.at(-1)
  if (last === undefined || isBroken(conversation)) return []
  // Who was cut off by a limit, or stopped, might have come to them.
  const isLeft = over !== undefined && ENDED_BY_ITSELF.has(over.outcome) && last.deferred > 0
  const left = last.unheard > 0 ? last.unheard : isLeft ? last.deferred : 0
  const kept = turns.filter(isDeferred)
  // Those that were kept last are the likeliest to be left; a span says how many, and not which.
  const named = kept.slice(-left)
  if (left === 0 || named.length === 0) return []
  const isWanted = named.some(({ message }) => !asksForNothing(message!, waits))
  return [
    {
      severity: isWanted ? 'warning' : 'note',
      seen: `${called(conversation)} kept messages for later and never heard ${left} of them: ${quoted(named.map(({ message }) => message))}.`,
      why: isWanted
        ? 'Whoever sent them counts on their being heard; what they said had no part in the answer.'
        : 'What they said had no part in what it did. Whoever sent them waits for nothing.',
      advice: `Let a state between "${named[0]!.to}" and "${last.to}" take them, or have the machine wait for them before it ends.`,
      nodes: [...named.map(({ node }) => node), last.node],
    },
  ]
}

function refused(conversation: Conversation, result: Turn | undefined, waits: readonly Wait[]): Sighting[] {
  const turns = conversation.turns.filter(
    ({ disposition, message, from }) =>
      disposition === 'refused' &&
      message !== undefined &&
      isTalk(message) &&
      !isFailure(message) &&
      // Who is done hears no thanks.
      !(from === 'done' && asksForNothing(message, waits)),
  )
  if (turns.length === 0) return []
  const isAfter = turns.every(({ node }) => result !== undefined && node.startMs >= result.node.startMs)
  return [
    {
      severity: isAfter ? 'note' : 'warning',
      seen: `${called(conversation)} refused ${quoted(turns.map(({ message }) => message))}, in state "${turns[0]!.from}".`,
      why: 'The message was delivered and had no effect.',
      advice:
        'If its state is a final one, it ended too early or the message came too late; else its role does not accept such a message: declare it, or send it to somebody who does.',
      nodes: turns.flatMap(({ message, node }) => [message!.node, node]),
    },
  ]
}

/** An answer that nobody waits for any more. */
function late(conversation: Conversation, answers: Answers): Sighting[] {
  const asks = new Map(conversation.turns.flatMap(({ sends }) => sends.map((sent) => [sent.id, sent])))
  const turns = conversation.turns.filter(
    ({ disposition, message }) => disposition === 'late' && message !== undefined && !isFailure(message),
  )
  if (turns.length === 0) return []
  const isAnswered = (ask: Message | undefined) =>
    ask?.sender?.sends.some((other) =>
      answers.get(other.id)?.some(({ taker }) => taker?.disposition === 'taken'),
    ) === true
  // Who ended before, without the time having run out, did not wait for it.
  const unawaited = turns.filter(({ message, from, number }) => {
    const ask = asks.get(message!.answers ?? '')
    const isOver = from === 'done'
    const ranOut = conversation.turns.some((turn) => turn.number < number && turn.failure === 'timeout')
    return isOver && !ranOut && !isAnswered(ask)
  })
  const isIgnored = unawaited.length > 0
  return [
    {
      severity: isIgnored ? 'warning' : 'note',
      seen: isIgnored
        ? `${called(conversation)} had ended without waiting for the answer to its question: ${quoted(unawaited.map(({ message }) => message))}.`
        : `${called(conversation)} no longer waited for the answer to its question when it came: ${quoted(turns.map(({ message }) => message))}.`,
      why: 'The work on the answer was done and had no effect.',
      advice: isIgnored
        ? 'Let the machine wait for what it asks, or not ask.'
        : 'Give the question more time, or ask earlier.',
      nodes: (isIgnored ? unawaited : turns).flatMap(({ message, node }) => [
        ...(asks.has(message!.answers ?? '') ? [asks.get(message!.answers!)!.node] : []),
        node,
      ]),
    },
  ]
}

/**
 * The model was called after a request, or an answer, had been heard, and its prompt holds no more of what peers wrote
 * than before. Only of conversations whose prompts hold such words at all: another machine may put them elsewhere.
 */
function notInPrompt(conversation: Conversation, story: Story): Sighting[] {
  const origin = originOf(story)
  const sightings: Turn[] = []
  let heard: Turn[] = []
  let before: number | undefined
  for (const turn of conversation.turns) {
    const message = heardIn(turn)
    const sender = message?.sender?.conversation
    const isAwaited =
      message !== undefined &&
      turn.disposition !== 'deferred' &&
      !isFailure(message) &&
      (message.awaits || message.answers !== undefined)
    if (isAwaited && sender !== origin) heard.push(turn)
    for (const { kind, error, promptPeerBytes: now } of turn.effects) {
      if (kind !== 'chat' || error !== undefined || now === undefined) continue
      if (heard.length > 0 && before !== undefined && before > 0 && now === before) sightings.push(...heard)
      ;[heard, before] = [[], now]
    }
  }
  if (sightings.length === 0) return []
  return [
    {
      severity: 'warning',
      seen: `${called(conversation)} took ${quoted(sightings.map(({ message }) => message))}, and nothing of it came before its model.`,
      why: 'The model cannot heed what its prompt does not hold.',
      advice: 'Let the transition that takes the message add it to the transcript (the action "hear").',
      nodes: sightings.map(({ node }) => node),
    },
  ]
}

/** A demand of another kind got the answer that an earlier one had got by work, and this time there was none. */
function sameAnswer(conversation: Conversation, answers: Answers): Sighting[] {
  const given: { readonly asked: Turn; readonly answer: Message; readonly isWork: boolean }[] = []
  for (const asked of conversation.turns) {
    const heard = heardIn(asked)
    if (heard === undefined || isFailure(heard)) continue
    const answer = answers.get(heard.id)?.find(({ sender }) => sender?.conversation === conversation)
    if (answer?.sender === undefined || isFailure(answer) || answer.bodyDigest === undefined) continue
    const until = answer.sender.number
    const isWork = conversation.turns.some(
      (turn) => turn.number >= asked.number && turn.number < until && turn.effects.length > 0,
    )
    given.push({ asked, answer, isWork })
  }
  const ignored = given.filter(({ asked, answer, isWork }, index) => {
    const earlier = given.slice(0, index).filter((other) => other.answer.bodyDigest === answer.bodyDigest)
    const isOther = earlier.every(
      ({ asked: other }) => other.message!.bodyDigest !== asked.message!.bodyDigest,
    )
    return !isWork && isOther && earlier.some((other) => other.isWork)
  })
  if (ignored.length === 0) return []
  return [
    {
      severity: 'warning',
      seen: `${called(conversation)} answered ${quoted(ignored.map(({ asked }) => asked.message))} with what it had said before, without calling a model or a tool.`,
      why: 'It was asked for something else, and what was asked played no part in the answer.',
      advice: 'Let the transition that takes the message lead to work on it, or refuse it and say why.',
      nodes: ignored.flatMap(({ asked, answer }) => [asked.node, answer.node]),
    },
  ]
}
