/**
 * The reviewer: waits until every task has reported, judges the run's head, and sends work back or assembles the
 * result. A verdict belongs to the tree it was made on: the one that this machine read, named in every message.
 */
import { assign, enqueueActions } from 'xstate'
import { nameOf, partsOf } from '../../protocols/ids.ts'
import type { review } from '../../protocols/review.ts'
import type { run } from '../../protocols/run.ts'
import type { task } from '../../protocols/task.ts'
import { type AgentContext, corrected, newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { type FailureEvent, roleSetup } from '../../src/role/setup.ts'
import { assembledIn } from './assemble.ts'
import {
  failed,
  failingIn,
  mayRevise,
  NO_REVIEW,
  type Review,
  refused,
  reported,
  reportOf,
  requested,
  verdictProblem,
} from './review.ts'
import { reviewVerdict, type Verdict } from './verdict.ts'

type ReviewerContext = AgentContext & Review

type Accepts = typeof review.messages.request | typeof task.messages.result
type Sends = typeof review.messages.revise | typeof review.messages.approve | typeof run.messages.result

export const reviewerMachine = roleSetup<ReviewerContext, Accepts, Sends>([reviewVerdict]).createMachine({
  id: 'reviewer',
  context: ({ input }) => ({
    ...newAgent(input),
    ...NO_REVIEW,
  }),
  initial: 'gathering',
  states: {
    gathering: {
      always: {
        guard: ({ context }) => context.request !== null && context.pending.length === 0,
        target: 'beginning',
      },
      on: {
        'review.request': {
          actions: ['hear', assign(({ context, event }) => requested(context, event.body, event.from.peer))],
        },
        'task.result': {
          actions: [
            'hear',
            assign(({ context, event }) =>
              reported(context, event.body.task ?? nameOf(event.from.conversation), {
                kind: 'done',
                peer: event.body.by ?? event.from.peer,
                result: event.body,
              }),
            ),
          ],
        },
        failure: { actions: assign(({ context, event }) => failedTasks(context, event)) },
      },
    },
    beginning: {
      invoke: {
        id: 'begin',
        src: 'tool',
        input: { tool: 'begin_at_head', input: {}, tree: null },
        onDone: { target: 'thinking', actions: assign(({ event }) => ({ tree: event.output.tree! })) },
        onError: { target: 'assembling', actions: 'giveUp' },
      },
    },
    ...agentStates({ answered: 'judging', gaveUp: 'assembling' }),
    judging: {
      always: [
        {
          guard: ({ context }) => mayCorrect(context) && problemOf(context) !== undefined,
          target: 'correcting',
          actions: assign(({ context }) =>
            corrected(context, `This verdict cannot be followed: ${problemOf(context)}.`),
          ),
        },
        { guard: ({ context }) => sendsBack(context), target: 'refusing' },
        { target: 'assembling' },
      ],
    },
    correcting: { always: 'thinking' },
    refusing: {
      entry: [
        enqueueActions(({ enqueue, context }) => {
          const verdict = verdictOf(context)!
          const round = context.refusals.length + 1
          for (const revision of verdict.revisions) {
            const { task: name, findings } = revision
            const failing = [...failingIn(verdict, revision)]
            enqueue.emit({
              type: 'review.revise',
              body: { tree: context.tree!, round, findings, failing, ...named(context, name) },
              to: ownerOf(context, name),
            })
          }
        }),
        assign(({ context }) => ({ ...refused(context, verdictOf(context)!, context.tree), answer: null })),
      ],
      always: 'gathering',
    },
    assembling: {
      invoke: {
        id: 'assemble',
        src: 'tool',
        input: ({ context }) => ({ tool: 'assemble_result', input: report(context), tree: context.tree }),
        onDone: 'over',
        onError: { target: 'failed', actions: 'giveUp' },
      },
    },
    over: {
      type: 'final',
      entry: enqueueActions(({ enqueue, context, event }) => {
        const { outcome, reason } = report(context)
        for (const work of outcome === 'completed' ? context.request!.tasks : []) {
          enqueue.emit({
            type: 'review.approve',
            body: { tree: context.tree!, summary: reason, ...named(context, work.task) },
            to: ownerOf(context, work.task),
          })
        }
        enqueue.emit({
          type: 'run.result',
          body: { outcome, reason, tree: context.tree, ...assembledIn(event) },
        })
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

const verdictOf = (context: ReviewerContext) => context.answer?.body as Verdict | undefined
const taskOf = ({ request }: ReviewerContext, name: string) =>
  request!.tasks.find((work) => work.task === name)!

/** Whoever is told of revisions of a task: its own conversation, unless somebody else has asked for them. */
function ownerOf(context: ReviewerContext, name: string) {
  const { role, owner } = taskOf(context, name)
  return owner ?? { role, conversation: name }
}

/** Where somebody else is told, it is told which task is meant. */
const named = (context: ReviewerContext, name: string) =>
  taskOf(context, name).owner === undefined ? {} : { task: name }

/** A task failed, or an answer to a revision did not come. */
function failedTasks(context: ReviewerContext, { from, body }: FailureEvent): Partial<ReviewerContext> {
  // Whose request it was says more than who tells: a task may fail before anybody took it.
  const conversation = body.of === null ? from?.conversation : partsOf(body.of).to
  const name = body.task ?? (conversation && nameOf(conversation))
  if (name === undefined) return {}
  const owned = context.pending.filter(
    (pending) => context.request !== null && taskOf(context, pending).owner?.conversation === name,
  )
  const peer = from?.peer ?? 'nobody'
  let now: ReviewerContext = context
  for (const task of owned.length === 0 ? [name] : owned)
    now = { ...now, ...failed(now, task, { kind: 'failed', peer, why: body.kind, reason: body.reason }) }
  return now
}

const sendsBack = (context: ReviewerContext) =>
  mayRevise(context, verdictOf(context), context.refusals.at(-1)?.tree !== context.tree)

const problemOf = (context: ReviewerContext) => verdictProblem(context, verdictOf(context)!)

/** Verdicts in a row that may be unusable: the next one is taken as far as it goes. */
const VERDICTS_LIMIT = 2
const mayCorrect = ({ answer, corrections }: ReviewerContext) =>
  answer !== null && corrections < VERDICTS_LIMIT

const report = (context: ReviewerContext) =>
  reportOf(context, verdictOf(context), { text: context.problem, kind: context.problemKind })
