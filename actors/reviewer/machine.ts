/**
 * The reviewer: waits until every task has reported, judges the run's head, and sends work back or assembles the
 * result. A verdict belongs to the tree it was made on: the one that this machine read, named in every message.
 */
import { assign, enqueueActions } from 'xstate'
import type { FailureKind } from '../../protocols/failure.ts'
import { type BlobHash, nameOf } from '../../protocols/ids.ts'
import type { ReviewRequest, review } from '../../protocols/review.ts'
import type { RunResult, run } from '../../protocols/run.ts'
import type { TaskResult, task } from '../../protocols/task.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { type FailureEvent, roleSetup, type ToolReply } from '../../src/role/setup.ts'
import type { ReportInput } from './report.ts'
import { reviewVerdict, type Verdict } from './verdict.ts'

/** How a task stands: its last result and who gave it, or why it failed. */
export type Standing =
  | { readonly kind: 'done'; readonly peer: string; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly peer: string; readonly reason: string; readonly why?: FailureKind }

type ReviewerContext = AgentContext & {
  readonly request: ReviewRequest | null
  readonly standing: Readonly<Record<string, Standing>>
  /** Tasks whose report is being waited for. */
  readonly pending: readonly string[]
  /** What came of work that was sent back, by round. */
  readonly replies: readonly { readonly round: number; readonly task: string; readonly summary: string }[]
  /** Verdicts that sent work back, oldest first. */
  readonly refusals: readonly { readonly round: number; readonly tree: BlobHash; readonly verdict: Verdict }[]
}

type Accepts = typeof review.messages.request | typeof task.messages.result
type Sends = typeof review.messages.revise | typeof review.messages.approve | typeof run.messages.result

export const reviewerMachine = roleSetup<ReviewerContext, Accepts, Sends>([reviewVerdict]).createMachine({
  id: 'reviewer',
  context: ({ input }) => ({
    ...newAgent(input),
    request: null,
    standing: {},
    pending: [],
    replies: [],
    refusals: [],
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
          actions: [
            'hear',
            assign(({ context, event }) => ({
              request: event.body,
              pending: event.body.tasks
                .map((work) => work.task)
                .filter((name) => context.standing[name] === undefined),
            })),
          ],
        },
        'task.result': {
          actions: [
            'hear',
            assign(({ context, event }) =>
              reported(context, nameOf(event.from.conversation), {
                kind: 'done',
                peer: event.from.peer,
                result: event.body,
              }),
            ),
          ],
        },
        failure: { actions: assign(({ context, event }) => failedTask(context, event)) },
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
      always: [{ guard: ({ context }) => mayRevise(context), target: 'refusing' }, { target: 'assembling' }],
    },
    refusing: {
      entry: [
        enqueueActions(({ enqueue, context }) => {
          const { revisions, failing } = verdictOf(context)!
          const round = context.refusals.length + 1
          for (const { task: name, findings } of revisions) {
            const its = failing.filter((test) => findings.some(({ what }) => what === test))
            enqueue.emit({
              type: 'review.revise',
              body: { tree: context.tree!, round, findings, failing: its },
              to: { role: roleOf(context, name), conversation: name },
            })
          }
        }),
        assign(({ context }) => ({
          refusals: [
            ...context.refusals,
            { round: context.refusals.length + 1, tree: context.tree!, verdict: verdictOf(context)! },
          ],
          pending: verdictOf(context)!.revisions.map((revision) => revision.task),
          answer: null,
        })),
      ],
      always: 'gathering',
    },
    assembling: {
      invoke: {
        id: 'assemble',
        src: 'tool',
        input: ({ context }) => ({ tool: 'assemble_result', input: reportOf(context), tree: context.tree }),
        onDone: 'over',
        onError: { target: 'failed', actions: 'giveUp' },
      },
    },
    over: {
      type: 'final',
      entry: enqueueActions(({ enqueue, context, event }) => {
        const result = (event as unknown as { output: ToolReply }).output.output as Pick<
          RunResult,
          'patch' | 'report'
        >
        const { outcome, reason } = reportOf(context)
        for (const work of outcome === 'completed' ? context.request!.tasks : []) {
          enqueue.emit({
            type: 'review.approve',
            body: { tree: context.tree!, summary: reason },
            to: { role: work.role, conversation: work.task },
          })
        }
        enqueue.emit({ type: 'run.result', body: { outcome, reason, tree: context.tree, ...result } })
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

const verdictOf = (context: ReviewerContext) => context.answer?.body as Verdict | undefined
const roleOf = (context: ReviewerContext, name: string) =>
  context.request!.tasks.find((work) => work.task === name)!.role

function reported(context: ReviewerContext, name: string, standing: Standing): Partial<ReviewerContext> {
  const before = context.standing[name]
  const unchanged = standing.kind === 'done' && standing.result.tree === null
  const round = context.refusals.length
  const reply = {
    round,
    task: name,
    summary: standing.kind === 'done' ? standing.result.summary : standing.reason,
  }
  return {
    // Work that came back unchanged keeps what it was.
    standing: { ...context.standing, [name]: unchanged && before?.kind === 'done' ? before : standing },
    pending: context.pending.filter((pending) => pending !== name),
    replies: round === 0 ? context.replies : [...context.replies, reply],
  }
}

/** A task failed, or an answer to a revision did not come. */
function failedTask(context: ReviewerContext, { from, body }: FailureEvent): Partial<ReviewerContext> {
  // Whose request it was says more than who tells: a task may fail before anybody took it.
  const name = addresseeOf(body.of) ?? (from && nameOf(from.conversation))
  if (name === undefined) return {}
  const before = context.standing[name]
  if (before?.kind === 'done') return { pending: context.pending.filter((pending) => pending !== name) }
  return reported(context, name, {
    kind: 'failed',
    peer: from?.peer ?? 'nobody',
    why: body.kind,
    reason: body.reason,
  })
}

const addresseeOf = (of: string | null) => of?.slice(of.lastIndexOf('/') + 1, of.lastIndexOf('#'))

/** Work goes back while there are rounds left, somebody to send it to, and the last round changed anything. */
function mayRevise({ request, refusals, tree, ...context }: ReviewerContext): boolean {
  const verdict = context.answer?.body as Verdict | undefined
  if (verdict === undefined || verdict.approved || request === null) return false
  const known = verdict.revisions.every(({ task: name }) => context.standing[name]?.kind === 'done')
  return (
    refusals.length < request.rounds &&
    verdict.revisions.length > 0 &&
    known &&
    refusals.at(-1)?.tree !== tree
  )
}

function reportOf(context: ReviewerContext): ReportInput {
  const { request, standing, refusals } = context
  const verdict = verdictOf(context)
  const failures = Object.entries(standing).filter(([, how]) => how.kind === 'failed')
  const completed = verdict?.approved === true && failures.length === 0
  // What a limit kept from being done may well be possible.
  const isExhausted =
    context.problemKind === 'exhausted' ||
    failures.some(([, how]) => how.kind === 'failed' && how.why === 'exhausted')
  const why = failures.map(([name, how]) => `${name}: ${(how as { reason: string }).reason}`)
  return {
    outcome: completed ? 'completed' : isExhausted ? 'exhausted' : 'unsatisfied',
    reason: completed
      ? verdict.summary
      : [...why, context.problem ?? verdict?.summary ?? 'no verdict'].join('; '),
    goal: request!.goal,
    base: request!.base,
    criteria: request!.criteria,
    tasks: request!.tasks.map((work) => ({
      ...work,
      standing: standing[work.task] ?? { kind: 'failed', peer: 'nobody', reason: 'nobody reported' },
    })),
    refusals: refusals.map(({ round, tree, verdict: { summary, revisions } }) => ({
      round,
      tree,
      summary,
      revisions,
      replies: context.replies.filter((reply) => reply.round === round),
    })),
    openPoints: verdict?.openPoints ?? [],
  }
}
