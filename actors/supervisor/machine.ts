/**
 * The supervisor: the hub of a run. It holds the plan and reads one message at a time; each costs a call of its model,
 * which says what is handed out next. What arrives meanwhile waits: results and failures are kept for a state that
 * takes them, revisions on the board, since those that ask for an answer are kept in a small number only.
 */
import { assign, enqueueActions } from 'xstate'
import { nameOf, partsOf } from '../../protocols/ids.ts'
import type { review } from '../../protocols/review.ts'
import type { RunResult, run } from '../../protocols/run.ts'
import type { supervision } from '../../protocols/supervision.ts'
import type { task } from '../../protocols/task.ts'
import { type AgentContext, corrected, heard, newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { type FailureEvent, type RoleEmitted, roleSetup } from '../../src/role/setup.ts'
import { HUB, reviewOf } from '../../src/topology/wiring.ts'
import {
  type Board,
  boardFor,
  isSettled,
  ordered,
  ordersProblem,
  sentBack,
  taskNamed,
  underReview,
  withReply,
} from './board.ts'
import { messagesOf, resultsFor } from './messages.ts'
import { type Orders, ordersAnswer } from './orders.ts'

type SupervisorContext = AgentContext & {
  readonly board: Board | null
  /** Tasks whose approval was passed on. */
  readonly approved: readonly string[]
  /** What the review came to. */
  readonly result: RunResult | null
}

type Accepts =
  | typeof supervision.messages.plan
  | typeof task.messages.result
  | typeof review.messages.revise
  | typeof review.messages.approve
  | typeof run.messages.result
export type SupervisorSends =
  | typeof run.messages.result
  | typeof task.messages.request
  | typeof task.messages.result
  | typeof review.messages.request
  | typeof review.messages.revise
  | typeof review.messages.approve

/** Orders in a row that may be unusable. */
const ORDERS_LIMIT = 3
/** Milliseconds that a result waits for the approvals that were sent before it. */
const APPROVALS_MS = 30_000

export const supervisorMachine = roleSetup<SupervisorContext, Accepts, SupervisorSends>([
  ordersAnswer,
]).createMachine({
  id: 'supervisor',
  context: ({ input }) => ({ ...newAgent(input), board: null, approved: [], result: null }),
  initial: 'waiting',
  on: {
    'review.revise': {
      guard: ({ context, event }) => isTask(context, event.body.task),
      actions: assign(({ context, event }) => ({
        board: sentBack(context.board!, event.body.task!, {
          id: event.id,
          from: event.from.peer,
          body: event.body,
          state: 'unread',
        }),
      })),
    },
    // Approvals are passed on as they come: there is nothing to decide.
    'review.approve': {
      guard: ({ context, event }) => isTask(context, event.body.task),
      actions: [
        enqueueActions(({ enqueue, context, event }) => {
          const { task: name, ...body } = event.body
          const { role } = taskNamed(context.board!, name!)!
          enqueue.emit({ type: 'review.approve', body, to: { role, conversation: name! } })
        }),
        assign(({ context, event }) => ({ approved: [...context.approved, event.body.task!] })),
      ],
    },
  },
  states: {
    waiting: {
      on: {
        'supervision.plan': {
          target: 'thinking',
          actions: ['hear', assign(({ event }) => ({ board: boardFor(event.body) }))],
        },
      },
    },
    ...agentStates({ answered: 'checking', gaveUp: 'failed' }),
    checking: {
      always: [
        { guard: ({ context }) => problemOf(context) === undefined, target: 'ordering' },
        { target: 'correcting', actions: assign(({ context }) => withoutOrders(context)) },
      ],
    },
    correcting: { always: [{ guard: 'hasProblem', target: 'failed' }, { target: 'thinking' }] },
    ordering: {
      entry: [
        enqueueActions(({ enqueue, context }) => {
          for (const message of messagesOf(context.board!, ordersOf(context))) enqueue.emit(message)
        }),
        assign(({ context }) => ({ board: ordered(context.board!, ordersOf(context)), answer: null })),
      ],
      always: 'listening',
    },
    listening: {
      always: [
        {
          guard: ({ context }) => unreadIn(context) !== undefined,
          target: 'thinking',
          actions: assign(({ context }) => readRevision(context, unreadIn(context)!)),
        },
        {
          guard: ({ context: { board } }) => !board!.reviewing && isSettled(board!),
          actions: [
            enqueueActions(({ enqueue, context }) => {
              for (const message of reviewAsked(context.board!)) enqueue.emit(message)
            }),
            assign(({ context }) => ({ board: underReview(context.board!) })),
          ],
        },
      ],
      on: {
        'task.result': {
          guard: ({ context, event }) => isTask(context, nameOf(event.from.conversation)),
          target: 'thinking',
          actions: assign(({ context, event: { body, from } }) => {
            const name = nameOf(from.conversation)
            const result = { ...body, task: name, by: from.peer }
            return {
              ...heard(context, { type: 'task.result', from, body: result }),
              board: withReply(context.board!, name, { kind: 'done', result }),
            }
          }),
        },
        failure: [
          {
            guard: ({ context, event }) => isTask(context, failedTask(event)),
            target: 'thinking',
            actions: assign(({ context, event }) => readFailure(context, event)),
          },
          {
            guard: ({ context, event }) => failedTask(event) === context.board!.plan.reviewer.conversation,
            target: 'failed',
            actions: assign(({ event: { body } }) => ({ problem: body.reason, problemKind: body.kind })),
          },
        ],
        'run.result': { target: 'closing', actions: assign(({ event }) => ({ result: event.body })) },
      },
    },
    // Messages may overtake each other, and a supervisor that has ended passes nothing on.
    closing: {
      always: { guard: ({ context }) => isApproved(context), target: 'over' },
      after: { [APPROVALS_MS]: 'over' },
    },
    over: {
      type: 'final',
      entry: enqueueActions(({ enqueue, context }) => {
        enqueue.emit({ type: 'run.result', body: context.result! })
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

const ordersOf = (context: SupervisorContext) => context.answer!.body as Orders
const problemOf = (context: SupervisorContext) => ordersProblem(context.board!, ordersOf(context))
const isTask = ({ board }: SupervisorContext, name: string | undefined) =>
  board !== null && name !== undefined && taskNamed(board, name) !== undefined

const unreadIn = ({ board }: SupervisorContext) =>
  Object.entries(board!.revisions).find(([, { state }]) => state === 'unread')?.[0]

function readRevision(context: SupervisorContext, name: string): Partial<SupervisorContext> {
  const board = context.board!
  const revision = board.revisions[name]!
  const from = { role: board.plan.reviewer.role, peer: revision.from }
  return {
    ...heard(context, { type: 'review.revise', from, body: revision.body }),
    board: sentBack(board, name, { ...revision, state: 'open' }),
  }
}

/** Whose answer will not come: the conversation that was asked, by the message's id. */
function failedTask({ body, correlation }: FailureEvent): string | undefined {
  const of = correlation ?? body.of
  return of === null ? undefined : nameOf(partsOf(of).to)
}

function readFailure(context: SupervisorContext, event: FailureEvent): Partial<SupervisorContext> {
  const name = failedTask(event)!
  const { kind, reason } = event.body
  const from = event.from ?? { role: 'skein', peer: 'skein' }
  return {
    ...heard(context, { type: 'failure', from, body: { task: name, kind, reason } }),
    board: withReply(context.board!, name, { kind: 'failed', failure: { kind, reason } }),
  }
}

function withoutOrders(context: SupervisorContext): Partial<SupervisorContext> {
  const problem = problemOf(context)!
  const change = corrected(context, `These orders cannot be followed: ${problem}.`)
  return { ...change, ...(change.corrections >= ORDERS_LIMIT && { problem: `no usable orders: ${problem}` }) }
}

/** The review, and the results that it is about. */
function reviewAsked(board: Board): RoleEmitted<SupervisorSends>[] {
  const { plan, standing } = board
  const request = reviewOf(plan, ({ name }) => {
    const how = standing[name]
    return { owner: HUB, ...(how !== 'done' && how !== undefined && { failed: how }) }
  })
  return [
    { type: 'review.request', body: request, to: plan.reviewer },
    ...resultsFor(
      board,
      request.tasks.map((work) => work.task),
      plan.reviewer,
    ),
  ]
}

const isApproved = ({ board, approved, result }: SupervisorContext) =>
  result!.outcome !== 'completed' ||
  board!.plan.tasks.every(({ name, reviewed }) => !reviewed || approved.includes(name))
