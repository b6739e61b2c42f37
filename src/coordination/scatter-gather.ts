/**
 * Scatter-gather, the side that asks. Whoever is asked only answers, so any role can be: also one without a machine of
 * its own. The messages are `protocols/scatter-gather.ts`.
 *
 * - SG1 A round ends by its deadline with what it has: as soon as enough have answered, or nobody is left who may.
 * - SG2 Whoever is asked counts once, with an answer or a failure.
 * - SG3 An answer after the round has ended settles the ledger and changes nothing: what was gathered stays as it was.
 * - SG4 Answers stand in the order in which they were asked for, whichever came first.
 *
 * What a death does. Of the asker's process: another one goes on from the record, with the answers that it holds. Of
 * somebody who is asked: whoever adopts it answers, or the deadline ends the wait for it.
 *
 * It takes only failures of those it asked. A state that takes any `failure`, in a machine that goes on before all have
 * answered, may get one of those that come late.
 */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import type { FailureKind } from '../../protocols/failure.ts'
import { nameOf, type PeerId } from '../../protocols/ids.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { FailureEvent } from '../role/setup.ts'
import type { Destination, Incoming, Outgoing } from '../turn/behaviour.ts'
import { changing, emitting, failedConversation } from './acts.ts'
import { handlers, said } from './messages.ts'
import { commonKind, conversationsWith, type Party } from './parties.ts'

type Message<Body> = MessageDefinition<string, z.ZodType<Body>>

/** Any protocol that `scatterGather` makes. */
export type AnyScatterGather = {
  readonly name: string
  readonly messages: {
    readonly ask: Message<{ question: unknown }>
    readonly answer: Message<{ answer: unknown }>
  }
}

type Body<Definition extends MessageDefinition> = z.output<Definition['body']>
type QuestionOf<Asked extends AnyScatterGather> = (Body<Asked['messages']['ask']> & {
  question: unknown
})['question']
type AnswerOf<Asked extends AnyScatterGather> = (Body<Asked['messages']['answer']> & {
  answer: unknown
})['answer']

/** What came of one question. `by`: the peer that answered. */
type Reply<Answer> =
  | { readonly kind: 'answer'; readonly conversation: string; readonly by: PeerId; readonly answer: Answer }
  | {
      readonly kind: 'failure'
      readonly conversation: string
      readonly why: FailureKind
      readonly reason: string
    }

/** The round under way, or the last one: plain JSON, in the record. */
export type Gathered<Question, Answer> = {
  readonly asked: readonly { readonly to: Destination; readonly question: Question }[]
  readonly replies: readonly Reply<Answer>[]
  /** Conversations that all rounds opened: a second round opens others. */
  readonly opened: number
}

export type GatherContext<Asked extends AnyScatterGather> = AgentContext & {
  readonly gathered: Gathered<QuestionOf<Asked>, AnswerOf<Asked>>
}

export type GatherOptions = {
  /** How many answers are enough. */
  readonly enough: 'all' | number
  /** How long answers are waited for, in milliseconds. */
  readonly deadlineMs: number
}

/**
 * @example
 * const round = gathering(poll, { enough: 2, deadlineMs: 10_000 })
 * // context: ({ input }) => ({ ...newAgent(input), ...round.none })
 * // on: { 'plan.made': { target: 'scattering', actions: assign(({ context }) => round.ask(context, voters.map((to) => ({ to, question })))) } },
 * // states: { …, ...round.states({ enough: 'counting', short: 'failed' }) }
 */
export function gathering<const Asked extends AnyScatterGather>(asked: Asked, options: GatherOptions) {
  type Context = GatherContext<Asked>
  type Question = QuestionOf<Asked>
  type Answer = AnswerOf<Asked>
  type Heard = Incoming<AnyScatterGather['messages']['answer']> | FailureEvent

  const none: { readonly gathered: Context['gathered'] } = { gathered: { asked: [], replies: [], opened: 0 } }

  /** Begins a round; go to `scattering` with it. */
  function ask(
    context: Context,
    questions: readonly { readonly to: Party; readonly question: Question }[],
  ): Partial<Context> {
    const { opened } = context.gathered
    const parties = questions.map(({ to }) => to)
    const conversations = conversationsWith(context, 'g', parties, opened)
    const gathered = {
      asked: conversations.map((to, index) => ({ to, question: questions[index]!.question })),
      replies: [],
      opened: opened + conversations.length,
    }
    return { gathered, problem: null, problemKind: 'error' } as Partial<Context>
  }

  /** Whose reply an event is, of those who were asked and have not replied (SG2); nobody's otherwise. */
  function replierOf({ gathered }: Context, event: Heard): string | undefined {
    const name =
      event.type === 'failure' ? failedConversation(event as FailureEvent) : nameOf(event.from!.conversation)
    const isAsked = gathered.asked.some(({ to }) => to.conversation === name)
    return isAsked && gathered.replies.every(({ conversation }) => conversation !== name) ? name : undefined
  }

  /** An answer, or that there will be none. */
  function heard(context: Context, event: Heard): Partial<Context> {
    const conversation = replierOf(context, event)
    if (conversation === undefined) return {}
    const { gathered } = context
    const reply = replyIn(event, conversation) as Reply<Answer>
    return { gathered: { ...gathered, replies: [...gathered.replies, reply] } } as Partial<Context>
  }

  /** The answers so far, with what was asked, in the order of the questions (SG4). */
  const answers = ({ gathered }: Context) =>
    gathered.asked.flatMap(({ to, question }) => {
      const reply = gathered.replies.find(({ conversation }) => conversation === to.conversation)
      return reply?.kind === 'answer' ? [{ by: reply.by, question, answer: reply.answer }] : []
    })

  const wanted = ({ gathered }: Context) =>
    options.enough === 'all' ? gathered.asked.length : options.enough
  const hasEnough = ({ context }: { readonly context: Context }) => answers(context).length >= wanted(context)
  const isOver = ({ context: { gathered } }: { readonly context: Context }) =>
    gathered.replies.length === gathered.asked.length
  const isReply = ({ context, event }: { readonly context: Context; readonly event: Heard }) =>
    replierOf(context, event) !== undefined

  const sayShort = changing<Context>((context) => {
    const failures = context.gathered.replies.flatMap((reply) => (reply.kind === 'failure' ? [reply] : []))
    const counts = `${answers(context).length} of ${context.gathered.asked.length} answered, and ${wanted(context)} had to`
    const reasons = failures.map(({ conversation, reason }) => `; ${conversation}: ${reason}`)
    const problemKind = commonKind(failures.map(({ why }) => why))
    return { problem: counts + reasons.join(''), problemKind } as Partial<Context>
  })

  /**
   * @param next where the machine goes with enough answers; and where with fewer, its `problem` set: it has those all
   * the same
   */
  function states<const Enough extends string, const Short extends string>(next: {
    readonly enough: Enough
    readonly short: Short
  }) {
    const reply = { guard: isReply, actions: changing(heard) }
    return {
      scattering: {
        entry: emitting<Context, Outgoing<Asked['messages']['ask']>>(({ gathered }) =>
          gathered.asked.map(({ to, question }) =>
            said(asked.messages.ask, { question }, { to, timeoutMs: options.deadlineMs }),
          ),
        ),
        // SG1, SG3: there is no way back into this round.
        always: [
          { guard: hasEnough, target: next.enough },
          { guard: isOver, target: next.short, actions: sayShort },
        ],
        on: handlers({ [asked.messages.answer.type]: reply, failure: reply }),
      },
    } as const
  }

  return { none, ask, heard, answers, states }
}

function replyIn(
  event: Incoming<AnyScatterGather['messages']['answer']> | FailureEvent,
  conversation: string,
): Reply<unknown> {
  if (event.type === 'failure') {
    const { kind, reason } = (event as FailureEvent).body
    return { kind: 'failure', conversation, why: kind, reason }
  }
  const { body, from } = event as Incoming<AnyScatterGather['messages']['answer']>
  return { kind: 'answer', conversation, by: from.peer, answer: body.answer }
}
