/**
 * What the simulated agents think: for each request of a role its reply, with the time and tokens it takes. All of it
 * is drawn by what is asked, so the same task has the same draw in every topology, and when a dead peer's call is made
 * again.
 */
import { assertNever } from '../../protocols/errors.ts'
import type { ChatRequest } from '../../src/model/model.ts'
import type { SimulatedReply } from '../../src/model/simulated.ts'
import type { Costs } from '../costs.ts'
import type { Draws } from '../draws.ts'
import { THOUGHT, type Thought } from './thought.ts'
import { givenBy, type WorkRequest, type WorkResult, work } from './work.ts'

export type Mind = (request: ChatRequest) => SimulatedReply

const { request: REQUEST, result: RESULT } = work.messages

export function createMind(costs: Costs, draws: Draws): Mind {
  const { tokens, review } = costs

  function latencyOf({ kind, task, round }: Thought, what: string, again: number): number {
    switch (kind) {
      case 'do':
        return serviceMs(costs, draws, task, round, again)
      case 'read':
        return draws.of(`hub ${what}`, costs.hub)
      case 'check':
        return review === null ? 0 : draws.of(`review ${what}`, review.service)
      default:
        return assertNever(kind)
    }
  }

  return (request) => {
    const thought = thoughtOf(request)
    const { kind, task, round, given } = thought
    const said = saidIn(request)
    const what = whatOf(task, round, said.length)
    const latencyMs = whole(latencyOf(thought, what, said.length))
    // What it said of the task before stays in its context.
    const inputTokens = said.reduce((sum, { tokens }) => sum + tokens, tokens.prompt + given.tokens)
    if (kind !== 'do') {
      const found = given.wrong && draws.share(`found ${what}`) < (review?.found ?? 0)
      const usage = { inputTokens, outputTokens: VERDICT_TOKENS }
      return { latencyMs, usage, step: { kind: 'answer', type: 'verdict', body: { found } } }
    }
    const outputTokens = whole(draws.of(`answer ${what}`, tokens.answer))
    const wrong = given.wrong || draws.share(`error ${what}`) < costs.errors
    const body: WorkResult = { task, tokens: outputTokens, wrong, given }
    return {
      latencyMs,
      usage: { inputTokens, outputTokens },
      step: { kind: 'answer', type: RESULT.type, body },
    }
  }
}

/** What chance is asked about. @param again how often the agent thought about it before */
const whatOf = (task: string, round: number, again: number): string =>
  again === 0 ? `${task} ${round}` : `${task} ${round} ${again}`

/** Whole milliseconds that a task takes, whoever does it. @param again how often the agent thought about it before */
export const serviceMs = (
  { service, services }: Pick<Costs, 'service' | 'services'>,
  draws: Draws,
  task: string,
  round: number,
  again = 0,
): number => whole(draws.of(`service ${whatOf(task, round, again)}`, services?.get(task) ?? service))

/** A word or two. */
const VERDICT_TOKENS = 8

/** Times and tokens are whole numbers; the clocks of hosts have whole milliseconds. */
const whole = (value: number) => Math.round(value)

/** What an agent said of the task before, where others changed meanwhile what it had thought about. */
const saidIn = ({ transcript }: ChatRequest): readonly WorkResult[] =>
  transcript.flatMap((entry) =>
    entry.kind === 'reply' && entry.answer?.type === RESULT.type ? [entry.answer.body as WorkResult] : [],
  )

/** An agent that keeps no plan shows what it heard. */
function thoughtOf({ transcript }: ChatRequest): Thought {
  const heard = transcript.flatMap((entry) => (entry.kind === 'message' ? [entry] : []))
  const shown = heard.find(({ type }) => type === THOUGHT)
  if (shown !== undefined) return shown.body as Thought
  const { task, round, given } = heard.find(({ type }) => type === REQUEST.type)!.body as WorkRequest
  const results = heard.filter(({ type }) => type === RESULT.type).map(({ body }) => body as WorkResult)
  return { kind: 'do', task, round, given: givenBy(results, given) }
}
