/**
 * Quorum vote, the side that calls: a question is put to n voters and decided by their votes, or found undecided, at a
 * deadline at the latest. A voter is any role that takes `call` and answers `cast`: the ready agent will do. The
 * messages are `protocols/vote.ts`, the counting is `tally.ts`.
 *
 * - QV1 Each voter counts once: with the first that is heard of it, be it a vote or a failure.
 * - QV2 A ballot ends by its deadline, since each call is a request that has its answer or a failure by then.
 * - QV3 A tie, no majority and no quorum are outcomes like a decision: the machine goes on with each.
 * - QV4 The outcome hangs on the votes alone, never on their order. A ballot ends early only where it is certain.
 * - QV5 What comes after the end, or belongs to an earlier ballot of the same conversation, changes nothing: each voter
 *   is asked in a conversation of its own, of that ballot.
 *
 * What a death does. Of the caller's process: another one goes on from the record, with the votes that were heard and
 * the same deadline. Of a voter's: whoever adopts it votes, once, and where nobody does it is missing at the deadline.
 *
 * After an early end late votes and failures still come in. Where the machine waits for something else by then, its
 * handler of `failure` has to tell them apart: `isLate`. One that wants none of this has `waitForAll`.
 */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { SkeinError } from '../../protocols/errors.ts'
import { nameOf } from '../../protocols/ids.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { FailureEvent } from '../role/setup.ts'
import type { Destination, Incoming, Outgoing } from '../turn/behaviour.ts'
import { changing, emitting, failedConversation } from './acts.ts'
import { handlers, said } from './messages.ts'
import { conversationsWith, type Party } from './parties.ts'
import { type BallotOutcome, moreThanHalf, outcomeOf, type Rule, type Vote } from './tally.ts'

/** Any protocol that `quorumVote` makes. */
export type AnyQuorumVote = {
  readonly name: string
  readonly messages: {
    readonly call: MessageDefinition<
      string,
      z.ZodType<{ subject: unknown; options: string[]; closesInMs: number }>
    >
    readonly cast: MessageDefinition<string, z.ZodType<{ choice: string | null; reason: string }>>
  }
}

type Body<Definition extends MessageDefinition> = z.output<Definition['body']>
export type SubjectOf<V extends AnyQuorumVote> = Body<V['messages']['call']>['subject']
export type ChoiceOf<V extends AnyQuorumVote> = Body<V['messages']['call']>['options'][number]

/** The ballot under way: plain JSON, in the record. */
export type Ballot<Subject, Choice extends string> = {
  readonly subject: Subject | null
  readonly options: readonly Choice[]
  readonly voters: readonly Destination[]
  /** Of those who were heard, by the conversation of each. */
  readonly votes: readonly (Vote<Choice> & { readonly voter: string })[]
  /** Null until the ballot is over. */
  readonly outcome: BallotOutcome<Choice> | null
  /** Voters that all ballots of this conversation called. */
  readonly called: number
}

export type BallotContext<V extends AnyQuorumVote> = AgentContext & {
  readonly ballot: Ballot<SubjectOf<V>, ChoiceOf<V>>
}

export type BallotOptions = {
  /** How long votes are waited for, in milliseconds. */
  readonly closesInMs: number
  /** Of so many voters, those who have to vote, abstaining included: more than half, unless given. */
  readonly quorum?: (voters: number) => number
  /** Of so many voters, the votes that a choice needs to win: 1, which is plurality, unless given. */
  readonly majority?: (voters: number) => number
  /** Goes on only when every voter was heard, or is late. */
  readonly waitForAll?: boolean
}

type Cast = Incoming<AnyQuorumVote['messages']['cast']>

/**
 * @example
 * const ballot = balloting(release, { closesInMs: 60_000 })
 * // context: ({ input }) => ({ ...newAgent(input), ...ballot.none })
 * // on: { 'desk.ask': { target: 'voting', actions: assign(({ context, event }) => ballot.open(context, { … })) } }
 * // states: { …, ...ballot.states({ decided: 'shipping', undecided: 'holding' }) }, with `context.ballot.outcome`
 */
export function balloting<const V extends AnyQuorumVote>(vote: V, options: BallotOptions) {
  type Context = BallotContext<V>
  type Subject = SubjectOf<V>
  type Choice = ChoiceOf<V>
  type Args = { readonly context: Context; readonly event: Cast | FailureEvent }

  const { call, cast } = vote.messages
  const { closesInMs, quorum = moreThanHalf, majority = () => 1, waitForAll = false } = options
  const none: { readonly ballot: Ballot<Subject, Choice> } = {
    ballot: { subject: null, options: [], voters: [], votes: [], outcome: null, called: 0 },
  }

  /** Begins a ballot; go to `voting` with it. @throws SkeinError `vote.options` */
  function open(
    { input, ballot: { called } }: Pick<Context, 'input' | 'ballot'>,
    asked: { subject: Subject; options: readonly Choice[]; voters: readonly Party[] },
  ): Pick<Context, 'ballot'> {
    if (asked.options.length === 0 || new Set(asked.options).size < asked.options.length)
      throw new SkeinError(
        'vote.options',
        `"${vote.name}" is called with options ${JSON.stringify(asked.options)}: give one or more, each once`,
      )
    const voters = conversationsWith({ input }, LETTER, asked.voters, called) // QV5
    return { ballot: { ...none.ballot, ...asked, voters, called: called + voters.length } }
  }

  /** A vote, or that there will be none. */
  function heard({ ballot }: Pick<Context, 'ballot'>, event: Cast | FailureEvent): Pick<Context, 'ballot'> {
    const voter = voterOf(event)
    if (voter === undefined || !isAwaited(ballot, voter)) return { ballot } // QV1
    const votes = [...ballot.votes, { ...voteIn(event, ballot.options), voter }]
    return { ballot: { ...ballot, votes } }
  }

  /** What the ballot comes to; undefined while that is open. */
  function outcome({ options, voters, votes }: Ballot<Subject, Choice>): BallotOutcome<Choice> | undefined {
    if (waitForAll && votes.length < voters.length) return undefined
    const rule: Rule = { quorum: quorum(voters.length), majority: majority(voters.length) }
    return outcomeOf(options, voters.length, votes, rule)
  }

  /** Whether an event is of a voter whose ballot is over. */
  function isLate({ input, ballot }: Pick<Context, 'input' | 'ballot'>, event: Cast | FailureEvent): boolean {
    const voter = voterOf(event)
    if (voter === undefined || !voter.startsWith(voterPrefix(input))) return false
    const number = Number(voter.slice(voterPrefix(input).length))
    return number >= 1 && number <= ballot.called && (ballot.outcome !== null || !isAwaited(ballot, voter))
  }

  const close = changing<Context>(
    ({ ballot }) => ({ ballot: { ...ballot, outcome: outcome(ballot) ?? null } }) as Partial<Context>,
  )
  const reply = [
    {
      guard: ({ context, event }: Args) => isAwaited(context.ballot, voterOf(event)),
      actions: changing<Context, Args['event']>(
        (context, event) => heard(context, event) as Partial<Context>,
      ),
    },
    {
      guard: ({ context, event }: Args) => isLate(context, event),
      actions: changing<Context>(() => ({})), // a transition that does nothing takes nothing
    },
  ]
  const isDecided = ({ context }: Pick<Args, 'context'>) => outcome(context.ballot)?.kind === 'decided'
  const isOver = ({ context }: Pick<Args, 'context'>) => outcome(context.ballot) !== undefined
  const callAll = emitting<Context, Outgoing<V['messages']['call']>>(
    ({ ballot: { subject, options, voters } }) =>
      voters.map((to) => {
        const body = { subject, options, closesInMs }
        return said(call, body, { to, timeoutMs: closesInMs }) // QV2
      }),
  )

  return {
    /** The part of the context, for a new conversation. */
    none,
    open,
    heard,
    outcome,
    isLate,
    /**
     * `voting`, where to begin.
     * @param next where the machine goes with a decision, and where with any other outcome (QV3)
     */
    states: <const Decided extends string, const Undecided extends string>(next: {
      readonly decided: Decided
      readonly undecided: Undecided
    }) =>
      ({
        voting: {
          entry: callAll,
          always: [
            { guard: isDecided, target: next.decided, actions: close },
            { guard: isOver, target: next.undecided, actions: close },
          ],
          on: handlers({ [cast.type]: reply, failure: reply }),
        },
      }) as const,
  }
}

/** In the names of voters' conversations. */
const LETTER = 'v'
const voterPrefix = ({ name }: AgentContext['input']) => `${name}-${LETTER}`

const voterOf = (event: Cast | FailureEvent): string | undefined =>
  event.type === 'failure'
    ? failedConversation(event as FailureEvent)
    : nameOf((event as Cast).from.conversation)

const isAwaited = ({ voters, votes }: Ballot<unknown, string>, voter: string | undefined): boolean =>
  voters.some(({ conversation }) => conversation === voter) && votes.every((vote) => vote.voter !== voter)

function voteIn<Choice extends string>(event: Cast | FailureEvent, options: readonly Choice[]): Vote<Choice> {
  if (event.type === 'failure') {
    const { kind, reason } = (event as FailureEvent).body
    return { kind: 'missing', why: kind, reason }
  }
  const { choice, reason } = (event as Cast).body
  if (choice === null) return { kind: 'abstained', reason }
  const option = options.find((one) => one === choice)
  return option === undefined ? { kind: 'spoiled', choice } : { kind: 'voted', choice: option, reason }
}
