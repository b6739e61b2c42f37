/**
 * A conversation does again what it did before, though nothing has changed: the same call of a tool on the same tree
 * with the same outcome, the same reply of a model, the same question with the same answer.
 *
 * A call that failed may be made again, since what was in its way may have gone: of those it takes more.
 *
 * Whatever may make a step worth repeating begins a new stretch: a message that says something not heard before, and a
 * timer, since who polls has decided to wait. A step that was not taken before does so too, for a loop.
 */
import type { Conversation, Effect, Message } from '../read/story.ts'
import type { TraceNode } from '../read/tree.ts'
import type { Detector, Sighting } from './finding.ts'
import { answersIn, called, heardIn, isFailure, isTimer, listed, times } from './talk.ts'

/** In a row, with nothing new between: a second time may be a second look, a third one is a habit. */
const IN_A_ROW = 3
/** Of a call that failed: the first, three retries, which is what roles allow a model that may be asked again, and one. */
const FAILED_IN_A_ROW = 5
/** With other steps between, which may have given reason to look again. */
const SCATTERED = 5
/** These say that a step was not taken, or that nobody knows: not the agent's doing. */
const NO_STEP = /^(quota|effect)\./
/** The call itself was wrong, and is so each time. */
const WRONG_CALL = /^tool\.(input|unknown)$/

type Step = {
  readonly key: string
  readonly what: string
  readonly node: TraceNode
  /** It failed, and may not when it is taken again. */
  readonly mayBeRetried?: boolean
}

export const repeatedSteps: Detector = {
  code: 'repeated-steps',
  mast: 'FM-1.3',
  detect: (story) => {
    const answers = answersIn(story)
    return story.conversations.flatMap((conversation) => sightingsIn(conversation, answers))
  },
}

type Answers = ReturnType<typeof answersIn>

function sightingsIn(conversation: Conversation, answers: Answers): Sighting[] {
  const looping = new Map<string, Step[]>()
  const scattered = new Map<string, Step[]>()
  for (const stretch of stretchesOf(conversation, answers)) {
    const all = new Map<string, Step[]>()
    /** Since the last step that was new. */
    let stale = new Map<string, number>()
    for (const step of stretch) {
      const before = all.get(step.key)
      if (before === undefined) {
        all.set(step.key, [step])
        stale = new Map()
        continue
      }
      before.push(step)
      const again = (stale.get(step.key) ?? 0) + 1
      stale.set(step.key, again)
      // The one that was new is the first of them.
      if (again + 1 >= (step.mayBeRetried ? FAILED_IN_A_ROW : IN_A_ROW)) looping.set(step.key, before)
    }
    for (const [key, steps] of all) if (steps.length >= SCATTERED) scattered.set(key, steps)
  }
  const loops = [...looping.values()]
  if (loops.length > 0) return [sightingOf(conversation, loops, 'warning')]
  return scattered.size > 0 ? [sightingOf(conversation, [...scattered.values()], 'note')] : []
}

function sightingOf(
  conversation: Conversation,
  loops: readonly (readonly Step[])[],
  severity: Sighting['severity'],
): Sighting {
  const most = Math.max(...loops.map((steps) => steps.length))
  const nodes = loops.flat().map(({ node }) => node)
  const between = severity === 'note' ? ', with other steps between' : ' and changed nothing between'
  return {
    severity: conversation.outcome === 'failed' && severity === 'warning' ? 'error' : severity,
    seen: `${called(conversation)} did the same ${times(most)}${between}: ${listed(loops.map(([step]) => step!.what))}.`,
    why: 'Each time costs time and tokens and comes to what is known already; by itself such a loop ends at a limit only.',
    advice:
      'See that the result reaches the next prompt, tell the agent what it has tried, or have its machine refuse a step that it has just taken.',
    nodes: nodes.sort((a, b) => a.startMs - b.startMs),
  }
}

/** What the conversation did, from one thing that may have changed the situation to the next. */
function stretchesOf(conversation: Conversation, answers: Answers): Step[][] {
  const stretches: Step[][] = [[]]
  const heard = new Set<string>()
  /** The reply before, where nothing but a model was asked since. */
  let reply: Effect | undefined
  for (const turn of conversation.turns) {
    const message = heardIn(turn)
    const isNew =
      message !== undefined && !(message.bodyDigest !== undefined && heard.has(message.bodyDigest))
    if (message?.bodyDigest !== undefined) heard.add(message.bodyDigest)
    if (isNew || isTimer(turn)) {
      stretches.push([])
      reply = undefined
    }
    const stretch = stretches.at(-1)!
    for (const effect of turn.effects) {
      const key = effect.kind === 'tool' ? toolKey(effect) : undefined
      const { name: what, node, error } = effect
      if (key !== undefined)
        stretch.push({ key, what, node, mayBeRetried: error !== undefined && !WRONG_CALL.test(error) })
      const isSaidAgain =
        effect.kind === 'chat' &&
        effect.error === undefined &&
        effect.outputDigest !== undefined &&
        effect.outputDigest === reply?.outputDigest
      if (isSaidAgain) {
        const said = { key: `says ${effect.outputDigest}`, what: `the same reply of ${effect.name}` }
        if (stretch.at(-1)?.key !== said.key) stretch.push({ ...said, node: reply!.node })
        stretch.push({ ...said, node: effect.node })
      }
      reply = effect.kind === 'chat' ? effect : undefined
    }
    const asked = new Set(turn.sends.flatMap((sent) => askedAgain(sent, answers) ?? []))
    for (const key of asked) {
      const { node, type } = turn.sends.find((sent) => askedAgain(sent, answers) === key)!
      stretch.push({ key, what: `asking "${type}"`, node })
    }
    if (turn.sends.length > 0) reply = undefined
  }
  return stretches
}

function toolKey(effect: Effect): string | undefined {
  const { name, inputDigest, treeBefore, error, check, outputDigest } = effect
  if (inputDigest === undefined || (error !== undefined && NO_STEP.test(error))) return undefined
  // What a check prints may differ from one time to the next, its durations for instance.
  const outcome = error ?? check ?? outputDigest
  return outcome === undefined ? undefined : [name, inputDigest, treeBefore, outcome].join(' ')
}

/** A question with its answer; undefined of anything else, and of one that was not answered: it may be asked again. */
function askedAgain(sent: Message, answers: Answers): string | undefined {
  const answer = answers.get(sent.id)?.[0]
  if (!sent.awaits || answer === undefined || isFailure(answer)) return undefined
  if (sent.bodyDigest === undefined || answer.bodyDigest === undefined) return undefined
  return ['asks', sent.type, sent.toRole, sent.bodyDigest, answer.bodyDigest].join(' ')
}
