/**
 * Review loop: `authoring` is the side that submits, `reviewing` the side that judges. The messages are
 * `protocols/review-loop.ts`.
 *
 * - RL1 Work is submitted `rounds` times at most. Each submission gets one verdict, or a failure.
 * - RL2 A verdict names what was seen, and counts for that alone: one on anything else ends the loop as a failure, and
 *   approves nothing.
 * - RL3 Work that was submitted before is not submitted again: a reviewer would say the same.
 * - RL4 The loop ends with the author, approved or not; it has its work, and all verdicts on it, either way.
 *
 * What a death does. Of the author's process: another one goes on from the record, in the same round. Of the
 * reviewer's: whoever adopts it judges what was submitted; between rounds its conversation is parked, and whoever of
 * the role is free has the next one. A reviewer that is silent for `verdictMs` ends the loop.
 */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import type { FailureKind } from '../../protocols/failure.ts'
import { type BlobHash, nameOf } from '../../protocols/ids.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { FailureEvent } from '../role/setup.ts'
import type { Destination, Incoming, Outgoing } from '../turn/behaviour.ts'
import { changing, emitting, failedConversation } from './acts.ts'
import { digestOf } from './digest.ts'
import { handlers, said } from './messages.ts'
import { conversationsWith, type Party } from './parties.ts'

type Message<Body> = MessageDefinition<string, z.ZodType<Body>>

/** Any protocol that `reviewLoop` makes. */
export type AnyReviewLoop = {
  readonly name: string
  readonly messages: {
    readonly submit: Message<{ work: unknown; round: number; isLast: boolean }>
    readonly approve: Message<{ seen: BlobHash }>
    readonly revise: Message<{ seen: BlobHash; findings: unknown[] }>
  }
}
type Body<Definition extends MessageDefinition> = z.output<Definition['body']>
type WorkOf<Loop extends AnyReviewLoop> = (Body<Loop['messages']['submit']> & { work: unknown })['work']
type FindingOf<Loop extends AnyReviewLoop> = (Body<Loop['messages']['revise']> & {
  findings: unknown[]
})['findings'][number]

/** What each side takes and sends: for `roleSetup` and `defineRole`. */
export type AuthorAccepts<Loop extends AnyReviewLoop> = Loop['messages']['approve' | 'revise']
export type AuthorSends<Loop extends AnyReviewLoop> = Loop['messages']['submit']
export type ReviewerAccepts<Loop extends AnyReviewLoop> = Loop['messages']['submit']
export type ReviewerSends<Loop extends AnyReviewLoop> = Loop['messages']['approve' | 'revise']

/** Work under review, as its author has it: plain JSON, in the record. */
export type Submitted<Work, Finding> = {
  readonly work: Work | null
  /** Of the work as it is now, and of each that was submitted before it. */
  readonly digest: BlobHash | null
  readonly before: readonly BlobHash[]
  readonly reviewer: Destination | null
  /** All verdicts, the first one first. Without findings it approves. */
  readonly verdicts: readonly { readonly seen: BlobHash; readonly findings: readonly Finding[] }[]
}
/** The same, as its reviewer has it. */
export type UnderReview<Work, Finding> = {
  readonly work: Work | null
  readonly seen: BlobHash | null
  readonly round: number
  readonly isLast: boolean
  readonly findings: readonly Finding[]
}
export type AuthorContext<Loop extends AnyReviewLoop> = AgentContext & {
  readonly submitted: Submitted<WorkOf<Loop>, FindingOf<Loop>>
}
export type ReviewContext<Loop extends AnyReviewLoop> = AgentContext & {
  readonly review: UnderReview<WorkOf<Loop>, FindingOf<Loop>>
}

export type AuthoringOptions = {
  /** How often work may be submitted, the first time included. */
  readonly rounds: number
  /** How long each verdict is waited for, in milliseconds. */
  readonly verdictMs: number
}

/**
 * @example
 * const author = authoring(essay, { rounds: 3, verdictMs: 60_000 })
 * // context: ({ input }) => ({ ...newAgent(input), ...author.none })
 * // states: { …, drafted: { always: { target: 'submitting', actions: assign(({ context }) => author.submit(context, work, { role: 'critic' })) } },
 * //   ...author.states({ approved: 'publishing', revise: 'thinking', unapproved: 'failed' }) }
 */
export function authoring<const Loop extends AnyReviewLoop>(loop: Loop, options: AuthoringOptions) {
  type Context = AuthorContext<Loop>
  type Verdict = Incoming<AnyReviewLoop['messages']['approve' | 'revise']>
  type Args<Event> = { readonly context: Context; readonly event: Event }
  const { submit: submission, approve, revise } = loop.messages

  const none: { readonly submitted: Context['submitted'] } = {
    submitted: { work: null, digest: null, before: [], reviewer: null, verdicts: [] },
  }

  /** Work to be judged, by the same reviewer as before if there was one; go to `submitting` with it. */
  function submit(context: Context, work: WorkOf<Loop>, to: Party): Partial<Context> {
    const { digest, before, reviewer, verdicts } = context.submitted
    const submitted = {
      ...{ work, verdicts, digest: digestOf(asSent(work)) },
      before: digest === null ? before : [...before, digest],
      reviewer: reviewer ?? conversationsWith(context, 'r', [to], 0)[0]!,
    }
    return { submitted } as Partial<Context>
  }

  /** As the reviewer gets it: a schema may leave things out, and fill others in. */
  const asSent = (work: WorkOf<Loop>): unknown => {
    const sent = submission.body.safeParse({ work, round: 1, isLast: false })
    return sent.success ? sent.data.work : work
  }
  const isUnchanged = ({ submitted: { digest, before } }: Context) =>
    digest !== null && before.includes(digest)
  const isOver = ({ submitted: { before } }: Context) => before.length >= options.rounds
  const isSeen = ({ context: { submitted }, event }: Args<Verdict>) =>
    nameOf(event.from.conversation) === submitted.reviewer?.conversation &&
    event.body.seen === submitted.digest
  const isReviewers = ({ context, event }: Args<FailureEvent>) =>
    failedConversation(event) === context.submitted.reviewer?.conversation

  /** A verdict on what was submitted. */
  function judged(context: Context, { body }: Verdict): Partial<Context> {
    const verdict = { seen: body.seen, findings: 'findings' in body ? body.findings : [] }
    const { submitted } = context
    return { submitted: { ...submitted, verdicts: [...submitted.verdicts, verdict] } } as Partial<Context>
  }

  const problem = (problem: string, problemKind: FailureKind = 'error') =>
    ({ problem, problemKind }) as Partial<Context>
  const rounds = `${options.rounds} round${options.rounds === 1 ? '' : 's'}`
  const sayUnchanged = changing<Context>(() => problem('the work came back as it was judged before'))
  const sayOver = changing<Context>(() => problem(`not approved in ${rounds}`))
  const sayStranger = changing<Context, Verdict>((_, { body }) =>
    problem(`a verdict on ${body.seen}, which is not what was submitted`, 'invalid'),
  )
  const saySilent = changing<Context, FailureEvent>((_, { body }) => problem(body.reason, body.kind))
  const mayRevise = (args: Args<Verdict>) =>
    isSeen(args) && args.context.submitted.before.length + 1 < options.rounds

  /**
   * @param next where the machine goes with an approval; where to change the work, by the findings of the last verdict,
   * and `submit` it again; and where when it was not approved, its `problem` set
   */
  function states<
    const Approved extends string,
    const Revise extends string,
    const Unapproved extends string,
  >(next: { readonly approved: Approved; readonly revise: Revise; readonly unapproved: Unapproved }) {
    const stranger = { target: next.unapproved, actions: sayStranger } // RL2
    const keep = changing(judged)
    return {
      submitting: {
        entry: emitting<Context, Outgoing<AuthorSends<Loop>>>((context) => {
          if (isUnchanged(context) || isOver(context)) return []
          const { work, before, reviewer } = context.submitted
          const round = before.length + 1
          const body = { work, round, isLast: round === options.rounds }
          return [said(submission, body, { to: reviewer!, timeoutMs: options.verdictMs })]
        }),
        always: [
          {
            guard: ({ context }: { readonly context: Context }) => isOver(context), // RL1
            target: next.unapproved,
            actions: sayOver,
          },
          {
            guard: ({ context }: { readonly context: Context }) => isUnchanged(context), // RL3
            target: next.unapproved,
            actions: sayUnchanged,
          },
        ],
        on: handlers({
          [approve.type]: [{ guard: isSeen, target: next.approved, actions: keep }, stranger],
          [revise.type]: [
            { guard: mayRevise, target: next.revise, actions: ['hear', keep] },
            { guard: isSeen, target: next.unapproved, actions: [keep, sayOver] },
            stranger,
          ],
          failure: { guard: isReviewers, target: next.unapproved, actions: saySilent },
        }),
      },
    } as const
  }

  return { none, submit, judged, states }
}

/**
 * @example
 * const reviewer = reviewing(essay)
 * // initial: 'unsubmitted', context: ({ input }) => ({ ...newAgent(input), ...reviewer.none })
 * // states: { ...reviewer.states({ submitted: 'thinking' }), …, judging: { always: [{ guard: isFine, target: 'approving' }, { target: 'revising', actions: assign(({ context }) => reviewer.find(context, findings)) }] } }
 */
export function reviewing<const Loop extends AnyReviewLoop>(loop: Loop) {
  type Context = ReviewContext<Loop>
  type Emitted = Outgoing<ReviewerSends<Loop>>
  const { submit, approve, revise } = loop.messages

  const none: { readonly review: Context['review'] } = {
    review: { work: null, seen: null, round: 0, isLast: false, findings: [] },
  }

  /** What is to change, one finding at least; go to `revising` with it. */
  const find = ({ review }: Context, findings: readonly FindingOf<Loop>[]): Partial<Context> =>
    ({ review: { ...review, findings } }) as Partial<Context>

  const received = changing<Context, Incoming<AnyReviewLoop['messages']['submit']>>(
    (_, { body: { work, round, isLast } }) =>
      ({
        review: { work, round, isLast, seen: digestOf(work), findings: [] },
      }) as unknown as Partial<Context>,
  )

  /** @param next where the machine goes with `review.work`, to judge it */
  function states<const SubmittedTo extends string>(next: { readonly submitted: SubmittedTo }) {
    return {
      unsubmitted: {
        on: handlers({ [submit.type]: { target: next.submitted, actions: ['hear', received] } }),
      },
      approving: {
        type: 'final',
        entry: emitting<Context, Emitted>(({ review: { seen } }) => [said(approve, { seen })]),
      },
      revising: {
        entry: emitting<Context, Emitted>(({ review: { seen, findings } }) => [
          said(revise, { seen, findings: [...findings] }),
        ]),
        always: [
          {
            guard: ({ context }: { readonly context: Context }) => context.review.isLast,
            target: 'reviewed',
          },
          { target: 'unsubmitted' },
        ],
      },
      reviewed: { type: 'final' },
    } as const
  }

  return { none, find, states }
}
