/**
 * Debate in rounds, the side that convenes: each round every debater is told what its neighbours hold and states its
 * own position, until all agree or the rounds are up; then it is judged. The other side is `debater.ts`, the messages
 * are `protocols/debate.ts`, the judging is `judgement.ts`.
 *
 * - DB1 A round ends by its deadline with whoever spoke, since each turn is a request that has its answer or a failure
 *   by then.
 * - DB2 A debater sees what its neighbours held when the round began: nobody sees a position of the same round, and
 *   nobody that of a debater who is not its neighbour.
 * - DB3 Who is silent in a round keeps the position that it had, and has its turn in the next.
 * - DB4 There are at most as many rounds as are given, and none after one in which all agree: there is one position
 *   only, and more than half of the debaters hold it.
 * - DB5 The judgement hangs on the positions and the order of the debaters, never on the order in which they spoke.
 * - DB6 A position counts for the round that asked for it, or for none: the host keeps a late one from the machine.
 *
 * What a death does. Of the convener's process: another one goes on from the record, in the same round and with the
 * same deadline. Of a debater's: whoever adopts it speaks, in this round or the next, and where nobody does, the others
 * go on without it (DB1, DB3).
 *
 * The convener carries the positions, so that a round has one clock and agreement is seen. Who sees whom is the
 * topology of the debate all the same: it is what the debaters' prompts hold, and what they cost.
 */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { SkeinError } from '../../protocols/errors.ts'
import { nameOf } from '../../protocols/ids.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { FailureEvent } from '../role/setup.ts'
import type { Destination, Incoming, Outgoing } from '../turn/behaviour.ts'
import { changing, emitting, failedConversation } from './acts.ts'
import { allAgree, byMajority, type Judge, type KeyOf, type Standing } from './judgement.ts'
import { handlers, said } from './messages.ts'
import { besides, type Neighbours } from './neighbours.ts'
import { conversationsWith, type Party } from './parties.ts'

/** Any protocol that `debateAbout` makes. */
export type AnyDebate = {
  readonly name: string
  readonly messages: {
    readonly turn: MessageDefinition<string, z.ZodType<Turn<unknown, unknown>>>
    readonly position: MessageDefinition<string, z.ZodType<{ position: unknown }>>
    readonly over: MessageDefinition<string, z.ZodType<{ rounds: number; position: unknown }>>
  }
}
type Turn<Question, Position> = {
  question: Question
  round: number
  rounds: number
  own: Position | null
  heard: Standing<Position>[]
  endsInMs: number
}

type Body<Definition extends MessageDefinition> = z.output<Definition['body']>
export type QuestionOf<D extends AnyDebate> = Body<D['messages']['turn']>['question']
export type PositionOf<D extends AnyDebate> = Body<D['messages']['position']>['position']

export type Verdict<Position> =
  /** All agree. */
  | { readonly kind: 'agreed'; readonly position: Position; readonly rounds: number }
  /** The rounds are up, and the judge has found this. */
  | { readonly kind: 'judged'; readonly position: Position; readonly rounds: number }
  /** The rounds are up, and the judge has found nothing, or nobody has ever spoken. */
  | { readonly kind: 'undecided'; readonly rounds: number }

/** The debate under way: plain JSON, in the record. */
export type Debate<Question, Position> = {
  readonly question: Question | null
  readonly debaters: readonly Destination[]
  /** 1 is the first. */
  readonly round: number
  /** What each held when the round began, in the order of the debaters (DB2). */
  readonly before: readonly Standing<Position>[]
  /** What each holds now, in their order. */
  readonly standings: readonly Standing<Position>[]
  /** Who had its turn in this round, and spoke or failed. */
  readonly done: readonly string[]
  /** Null until the debate is over. */
  readonly verdict: Verdict<Position> | null
  /** Debaters of all debates of this conversation. */
  readonly called: number
}

export type DebateContext<D extends AnyDebate> = AgentContext & {
  readonly debate: Debate<QuestionOf<D>, PositionOf<D>>
}

export type DebateOptions<Position> = {
  /** The most that there will be. */
  readonly rounds: number
  /** How long the positions of a round are waited for, in milliseconds. */
  readonly roundMs: number
  /** Who sees whom: `everyone`, `besideInRing`, or any other. */
  readonly neighbours: Neighbours
  /** By what positions are told apart: their JSON, unless given. */
  readonly keyOf?: KeyOf<Position>
  /** Finds the verdict where not all agree: what most hold, unless given. */
  readonly judge?: Judge<Position>
}

type Said = Incoming<AnyDebate['messages']['position']>

/**
 * @throws SkeinError `debate.rounds`
 * @example
 * const debate = debating(sum, { rounds: 3, roundMs: 60_000, neighbours: besideInRing, keyOf: ({ answer }) => String(answer) })
 * // context: ({ input }) => ({ ...newAgent(input), ...debate.none })
 * // on: { 'desk.ask': { target: 'debating', actions: assign(({ context, event }) => debate.open(context, event.body, debaters)) } }
 * // states: { …, ...debate.states({ found: 'answering', undecided: 'failing' }) }, with `context.debate.verdict`
 */
export function debating<const D extends AnyDebate>(debate: D, options: DebateOptions<PositionOf<D>>) {
  type Context = DebateContext<D>
  type Question = QuestionOf<D>
  type Position = PositionOf<D>
  type State = Debate<Question, Position>
  type Heard = Said | FailureEvent
  type Args = { readonly context: Context; readonly event: Heard }

  const { turn, position, over } = debate.messages
  const { rounds, roundMs, neighbours, keyOf = JSON.stringify as KeyOf<Position> } = options
  const { judge = byMajority(keyOf) } = options
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new SkeinError('debate.rounds', `"${debate.name}" has ${rounds} rounds: give a whole number from 1`)
  const none: { readonly debate: State } = {
    debate: {
      ...{ question: null, debaters: [], round: 0, before: [], standings: [], done: [] },
      ...{ verdict: null, called: 0 },
    },
  }

  /** Begins a debate; go to `debating` with it. */
  function open(
    { input, debate: { called } }: Pick<Context, 'input' | 'debate'>,
    question: Question,
    who: readonly Party[],
  ): Pick<Context, 'debate'> {
    const debaters = conversationsWith({ input }, 'd', who, called)
    return { debate: { ...none.debate, question, debaters, round: 1, called: called + debaters.length } }
  }

  /** A position, or that there will be none in this round. */
  function heard({ debate }: Pick<Context, 'debate'>, event: Heard): Pick<Context, 'debate'> {
    const debater = debaterOf(event)
    if (debater === undefined || !isAwaited(debate, debater)) return { debate }
    const done = [...debate.done, debater]
    if (event.type === 'failure') return { debate: { ...debate, done } } // DB3
    const { round } = debate
    const last = { debater, round, position: (event as Said).body.position as Position }
    const held = new Map(debate.standings.map((standing) => [standing.debater, standing])).set(debater, last)
    const standings = debate.debaters.flatMap(({ conversation }) => held.get(conversation) ?? []) // DB5
    return { debate: { ...debate, done, standings } }
  }

  /** What the debate comes to; undefined while it goes on. */
  function verdictOf({ debaters, round, standings, done }: State): Verdict<Position> | undefined {
    if (done.length < debaters.length) return undefined
    const rounds = debaters.length === 0 ? 0 : round
    if (allAgree(standings, debaters.length, keyOf))
      return { kind: 'agreed', position: standings[0]!.position, rounds }
    if (rounds > 0 && round < options.rounds) return undefined // DB4
    const found = standings.length === 0 ? null : judge(standings)
    return found === null ? { kind: 'undecided', rounds } : { kind: 'judged', position: found, rounds }
  }

  /** The turns of a round, in the order of the debaters (DB2). */
  const turnsOf = ({ question, debaters, round, before }: State) =>
    debaters.map((to, index) => {
      const seen = new Set(
        besides(neighbours, index, debaters.length).map((other) => debaters[other]!.conversation),
      )
      const own = before.find(({ debater }) => debater === to.conversation)?.position ?? null
      const body = {
        ...{ question, round, rounds, own, endsInMs: roundMs },
        heard: before.filter(({ debater }) => seen.has(debater)),
      }
      return { type: turn.type, body, to, timeoutMs: roundMs } // DB1
    })

  const holding = (debate: State) => ({ debate }) as Partial<Context>
  const giveTurns = emitting<Context, Outgoing<D['messages']['turn']>>(
    ({ debate }) => turnsOf(debate) as unknown as Outgoing<D['messages']['turn']>[],
  )
  const nextRound = changing<Context>(({ debate }) =>
    holding({ ...debate, round: debate.round + 1, before: debate.standings, done: [] }),
  )
  const close = changing<Context>(({ debate }) => holding({ ...debate, verdict: verdictOf(debate) ?? null }))
  const tellAll = emitting<Context, Outgoing<D['messages']['over']>>(({ debate: { debaters, verdict } }) =>
    debaters.map((to) => {
      const { rounds } = verdict!
      const position = verdict!.kind === 'undecided' ? null : verdict!.position
      return said(over, { rounds, position }, { to })
    }),
  )
  const reply = {
    guard: ({ context, event }: Args) => isAwaited(context.debate, debaterOf(event)),
    actions: changing<Context, Heard>((context, event) => heard(context, event) as Partial<Context>),
  }
  const isFound = ({ context: { debate } }: Pick<Args, 'context'>) => {
    const verdict = verdictOf(debate)
    return verdict !== undefined && verdict.kind !== 'undecided'
  }
  const isOver = ({ context }: Pick<Args, 'context'>) => verdictOf(context.debate) !== undefined
  const isRoundOver = ({ context: { debate } }: Pick<Args, 'context'>) =>
    debate.done.length === debate.debaters.length

  return {
    /** The part of the context, for a new conversation. */
    none,
    open,
    heard,
    turnsOf,
    verdictOf,
    /**
     * `debating`, where to begin, and `nextRound`.
     * @param next where the machine goes with a position found, and where without one
     */
    states: <const Found extends string, const Undecided extends string>(next: {
      readonly found: Found
      readonly undecided: Undecided
    }) =>
      ({
        debating: {
          entry: giveTurns,
          always: [
            { guard: isFound, target: next.found, actions: [close, tellAll] },
            { guard: isOver, target: next.undecided, actions: [close, tellAll] },
            { guard: isRoundOver, target: 'nextRound', actions: nextRound },
          ],
          on: handlers({ [position.type]: reply, failure: reply }),
        },
        // Through a state of its own, since the turns are given on the way in.
        nextRound: { always: 'debating' },
      }) as const,
  }
}

const debaterOf = (event: Said | FailureEvent): string | undefined =>
  event.type === 'failure'
    ? failedConversation(event as FailureEvent)
    : nameOf((event as Said).from.conversation)

const isAwaited = ({ debaters, done }: Debate<unknown, unknown>, debater: string | undefined): boolean =>
  debaters.some(({ conversation }) => conversation === debater) && done.every((one) => one !== debater)
