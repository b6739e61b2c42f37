/** Something ended before it was done: an answer before the answers it had asked for, a result before the work. */
import type { Conversation, Message, Story, Turn } from '../read/story.ts'
import type { TraceNode } from '../read/tree.ts'
import type { Detector, Sighting } from './finding.ts'
import { answersIn, called, heardIn, isFailure, listed, originOf, resultTurn } from './talk.ts'
import { type Wait, waitsIn } from './waits.ts'

export const prematureEnd: Detector = {
  code: 'premature-end',
  mast: 'FM-3.1',
  detect(story) {
    const hasty = answeredUnheard(story)
    const told = new Set(hasty.flatMap(({ nodes }) => nodes))
    return [...hasty, ...tasksLeft(story, told), ...quiet(story)]
  },
}

/**
 * A conversation answered a request while it waited for others' answers that it needed for it, and had none of those
 * that it asked for together.
 */
function answeredUnheard(story: Story): Sighting[] {
  const answers = answersIn(story)
  const waits = waitsIn(story).filter(({ message }) => message.awaits)
  const by = new Map<Conversation, Wait[]>()
  for (const wait of waits) {
    const { conversation } = wait.message.sender!
    by.set(conversation, [...(by.get(conversation) ?? []), wait])
  }
  return [...by].flatMap(([conversation, asked]) => {
    const forWhat = new Map(asked.map(({ message }) => [message, requestBehind(message.sender!, answers)]))
    const given = conversation.turns.flatMap((turn) => turn.sends.map((answer) => ({ turn, answer })))
    for (const { turn, answer } of given) {
      if (answer.answers === undefined || isFailure(answer) || turn.failure !== undefined) continue
      // Asking back before one answers is no matter of this turn; what was asked in it is for later.
      const open = asked.filter(
        ({ message, turn: end }) =>
          forWhat.get(message)?.id === answer.answers &&
          message.sender!.number < turn.number &&
          (end === undefined || end.number > turn.number),
      )
      // Who asks several and takes the first answer has what he wanted.
      const unheard = open.filter(({ message }) =>
        asked.every(
          (other) =>
            other.message.sender !== message.sender ||
            other.end !== 'answered' ||
            other.turn!.number > turn.number,
        ),
      )
      if (unheard.length === 0) continue
      return [
        {
          severity: 'warning' as const,
          seen: `${called(conversation)} answered with "${answer.type}" before any answer had come to ${listed(unheard.map(({ message }) => `"${message.type}" to ${message.toRole}`))}.`,
          why: 'It had asked since it needed to know; its answer rests on less.',
          advice:
            'Let the machine answer only from a state that it reaches with the answers, or with their failures.',
          nodes: [...unheard.map(({ message }) => message.node), answer.node],
        },
      ]
    }
    return []
  })
}

/**
 * The request that a turn is at work on: the last one that its conversation had heard and not answered before. What is
 * asked of it later, a question back for instance, is another matter, and its answer is no end of this one.
 */
function requestBehind({ conversation, number }: Turn, answers: Answers): Message | undefined {
  const isAnsweredBefore = ({ id }: Message) =>
    answers.get(id)?.some(({ sender }) => sender?.conversation === conversation && sender.number < number)
  return conversation.turns
    .filter((turn) => turn.number <= number)
    .flatMap((turn) => heardIn(turn) ?? [])
    .findLast(
      (heard) =>
        heard.answers === undefined && (heard.awaits || answers.has(heard.id)) && !isAnsweredBefore(heard),
    )
}

type Answers = ReturnType<typeof answersIn>

/**
 * Tasks that were taken and not answered when a completed run had its result.
 * @param told sends of what is told of by who did not wait for it
 */
function tasksLeft(story: Story, told: ReadonlySet<TraceNode>): Sighting[] {
  const result = resultTurn(story)
  if (story.over?.outcome !== 'completed' || result === undefined) return []
  const answers = answersIn(story)
  const answerable = new Set(
    story.messages.filter(({ id, awaits }) => awaits || answers.has(id)).map(({ type }) => type),
  )
  const isAnswered = ({ id }: Message) =>
    answers.get(id)?.some(({ sentMs }) => sentMs <= result.node.startMs) === true
  const left = story.conversations.flatMap((conversation) => {
    if (conversation === originOf(story)) return []
    const owed = conversation.turns
      .flatMap((turn) => heardIn(turn) ?? [])
      .filter(
        (heard) =>
          answerable.has(heard.type) &&
          !told.has(heard.node) &&
          heard.answers === undefined &&
          !isAnswered(heard),
      )
    const isHandedOn = conversation.turns.some(({ sends }) => sends.some(({ slip }) => slip.length > 0))
    return isHandedOn ? [] : owed.filter((message) => !isSpare(message, isAnswered))
  })
  if (left.length === 0) return []
  const who = left.map(({ taker }) => taker!.conversation)
  return [
    {
      severity: 'warning',
      seen: `The run completed while ${left.length === 1 ? 'a task was' : `${left.length} tasks were`} not answered: ${listed(left.map(({ type }, index) => `"${type}" to ${called(who[index]!)}`))}.`,
      why: 'The result does not hold what they would have brought, and nobody said that it need not.',
      advice:
        'Let who gives the result wait for every task that it counts on, or take back those that it does not need.',
      nodes: [...left.flatMap(({ node, taker }) => [node, taker!.node]), result.node],
    },
  ]
}

/** Another one of the same was answered: whoever is first was enough. */
const isSpare = (message: Message, isAnswered: (message: Message) => boolean): boolean =>
  message.sender?.sends.some(
    (other) =>
      other !== message &&
      other.type === message.type &&
      other.bodyDigest !== undefined &&
      other.bodyDigest === message.bodyDigest &&
      isAnswered(other),
  ) === true

/** Everybody fell silent, and nobody answered the goal. */
function quiet(story: Story): Sighting[] {
  const origin = originOf(story)
  const { over } = story
  const hasAnswer = origin?.turns.some((turn) => heardIn(turn)?.answers !== undefined)
  if (over?.outcome !== 'unsatisfied' || origin === undefined || hasAnswer) return []
  const answers = answersIn(story)
  const owes = (turn: Turn) => {
    const heard = heardIn(turn)
    return heard !== undefined && heard.answers === undefined && !answers.has(heard.id)
  }
  const silent = story.conversations.filter((one) => one !== origin && one.turns.some(owes))
  const lasts = silent.flatMap(({ turns }) => turns.findLast((turn) => heardIn(turn) !== undefined) ?? [])
  const who = listed(lasts.map(({ conversation, to }) => `${called(conversation)}, in state "${to}"`))
  return [
    {
      severity: 'error',
      seen: `The run went quiet without a result${who === '' ? '' : `. These had heard something and never answered: ${who}`}.`,
      why: 'Nothing was under way any more and nobody was left to go on: somebody ended, or waits for a message that nobody sends.',
      advice: 'Look at what each of them waits for in that state, and at who should have sent it.',
      nodes: [...lasts.map(({ node }) => node), over.node],
    },
  ]
}
