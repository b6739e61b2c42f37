/**
 * The coder: waits until the results that its task needs are in, works from the run's head, merges, answers, and stays
 * at hand for the reviewer. A join is a state: whoever of the role takes the last result goes on with the task.
 */
import { assign, emit } from 'xstate'
import type { BlobHash } from '../../protocols/ids.ts'
import { nameOf } from '../../protocols/ids.ts'
import type { question } from '../../protocols/question.ts'
import { question as questions } from '../../protocols/question.ts'
import type { review } from '../../protocols/review.ts'
import type { CheckResult, TaskRequest, task } from '../../protocols/task.ts'
import { type AgentContext, newAgent, passedOn } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { isDenied } from '../../src/role/denied.ts'
import { type FailureEvent, roleSetup } from '../../src/role/setup.ts'
import type { MergeReport } from '../../src/tools/merge-work.ts'
import type { EffectError } from '../../src/turn/effects.ts'
import { failedChecks, mergedChecksOf, mergeReportOf } from './merged.ts'
import { notImproved, resultOf, type Work, workAnswer } from './work.ts'

type CoderContext = AgentContext & {
  readonly work: TaskRequest | null
  /** Names of the tasks whose results are in. */
  readonly have: readonly string[]
  /** The head that the work began at. */
  readonly base: BlobHash | null
  readonly checks: readonly CheckResult[]
  /** How often the work had to begin again because the head had moved under it. */
  readonly reopened: number
  readonly revising: boolean
}

type Accepts =
  | typeof task.messages.request
  | typeof task.messages.result
  | typeof review.messages.revise
  | typeof review.messages.approve
  | typeof question.messages.answer
type Sends = typeof task.messages.result | typeof question.messages.ask

export const coderAsks = {
  researcher: { message: questions.messages.ask, answers: [questions.messages.answer] },
} as const

/** Times the work may begin again because of others' merges before the coder gives up. */
const REOPENED_LIMIT = 5

export const coderMachine = roleSetup<CoderContext, Accepts, Sends>([workAnswer], coderAsks).createMachine({
  id: 'coder',
  context: ({ input }) => ({
    ...newAgent(input),
    work: null,
    have: [],
    base: null,
    checks: [],
    reopened: 0,
    revising: false,
  }),
  initial: 'gathering',
  states: {
    gathering: {
      always: { guard: ({ context }) => isComplete(context), target: 'beginning' },
      on: {
        'task.request': { actions: ['hear', assign(({ event }) => ({ work: event.body }))] },
        'task.result': {
          actions: [
            'hear',
            assign(({ context, event }) => ({
              have: [...context.have, event.body.task ?? nameOf(event.from.conversation)],
            })),
          ],
        },
        failure: { target: 'waitingForTask', actions: assign(({ event }) => blocked(event)) },
      },
    },
    // What it needs has failed. It can say so only once it knows whom to tell.
    waitingForTask: {
      always: { guard: ({ context }) => context.work !== null, target: 'failed' },
      on: { 'task.request': { actions: assign(({ event }) => ({ work: event.body })) } },
    },
    beginning: {
      invoke: {
        id: 'begin',
        src: 'tool',
        input: { tool: 'begin_at_head', input: {}, tree: null },
        onDone: {
          target: 'thinking',
          actions: assign(({ event }) => ({ base: event.output.tree!, tree: event.output.tree! })),
        },
        onError: { target: 'gaveUp', actions: 'giveUp' },
      },
    },
    ...agentStates({ answered: 'deciding-to-merge', gaveUp: 'gaveUp' }, coderAsks),
    'deciding-to-merge': {
      always: [
        { guard: ({ context }) => workOf(context).changed, target: 'merging' },
        { target: 'delivered' },
      ],
    },
    merging: {
      invoke: {
        id: 'merge',
        src: 'tool',
        input: ({ context }) => ({
          tool: 'merge_work',
          input: {
            base: context.base,
            checks: context.work!.checks,
            excused: workOf(context).failing,
            ...(context.work!.files && { files: context.work!.files }),
          },
          tree: context.tree,
        }),
        onDone: [
          {
            guard: ({ event }) => mergeReportOf(event.output).kind === 'merged',
            target: 'delivered',
            actions: assign(({ event }) => ({
              checks: mergedChecksOf(event.output),
              tree: event.output.tree!,
            })),
          },
          {
            guard: ({ context }) => context.reopened >= REOPENED_LIMIT,
            target: 'gaveUp',
            actions: assign(({ event }) => ({
              problem: neverTaken(mergeReportOf(event.output)),
              problemKind: 'error',
            })),
          },
          // Its workspace is as it left it, less what was not its own to change: it need not begin again.
          {
            guard: ({ event }) => mergeReportOf(event.output).kind === 'outside',
            target: 'thinking',
            actions: assign(({ context, event }) => ({
              ...reopened(context, mergeReportOf(event.output)),
              tree: event.output.tree!,
            })),
          },
          {
            target: 'beginning',
            actions: assign(({ context, event }) => reopened(context, mergeReportOf(event.output))),
          },
        ],
        onError: [
          // A person did not want it merged: its workspace is as it left it.
          {
            guard: ({ context, event }) => isDenied(event.error) && context.reopened < REOPENED_LIMIT,
            target: 'thinking',
            actions: assign(({ context, event }) =>
              corrected(context, notMerged((event.error as EffectError).message)),
            ),
          },
          { target: 'gaveUp', actions: 'giveUp' },
        ],
      },
    },
    delivered: {
      entry: emit(({ context }) => ({
        type: 'task.result',
        body: resultOf(workOf(context), context.tree, context.checks),
      })),
      on: {
        'review.revise': {
          target: 'beginning',
          actions: [
            'hear',
            assign({ revising: true, reopened: 0, problem: null, problemKind: 'error', checks: [] }),
          ],
        },
        'review.approve': 'done',
      },
    },
    gaveUp: {
      always: [
        // Work that was sent back stands as it was: the reviewer is told that it did not get better.
        {
          guard: ({ context }) => context.revising,
          target: 'delivered',
          actions: assign(({ context }) => unchanged(context)),
        },
        { target: 'failed' },
      ],
    },
    done: { type: 'final' },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

const isComplete = ({ work, have }: CoderContext) => work?.needs.every((need) => have.includes(need)) ?? false
const workOf = (context: CoderContext) => context.answer!.body as Work

function blocked({ from, body }: FailureEvent): Partial<CoderContext> {
  const what = body.task ?? (from === undefined ? 'a task' : nameOf(from.conversation))
  return {
    problem: `"${what}", which this task needs, failed: ${body.reason}`,
    problemKind: passedOn(body.kind),
  }
}

const unchanged = ({ problem }: CoderContext): Partial<CoderContext> => ({
  answer: { type: 'work', body: notImproved(problem) },
})

const reopened = (context: CoderContext, report: MergeReport) => corrected(context, notTaken(report))

const corrected = (context: CoderContext, text: string): Partial<CoderContext> => ({
  reopened: context.reopened + 1,
  answer: null,
  transcript: [...context.transcript, { kind: 'correction', text }],
})

/** @param why who denied it, and with what reason */
const notMerged = (why: string) =>
  `Your work was not merged: ${why}. The workspace is as you left it: do what they ask for there, and answer again.`

/** Why the work is not merged, and what the workspace is now: for the model. */
function notTaken(report: MergeReport): string {
  switch (report.kind) {
    case 'overlap':
      return `Somebody else changed the same places: ${report.paths.join(', ')}. The workspace is now as they left it; do your work again on top.`
    case 'outside':
      return `Your task may not change ${report.paths.join(', ')}: there the workspace is as it was before you. See that your work holds without that, and answer again; if it cannot, say so in "openPoints".`
    case 'rejected':
      return `On the merged workspace your checks fail: ${failedChecks(report)}. The workspace is now without your change; do it again, mended.`
    case 'merged':
      return ''
  }
}

/** Why the work was never merged, after as many attempts as there are. */
function neverTaken(report: MergeReport): string {
  switch (report.kind) {
    case 'rejected':
      return `the checks of the work keep failing where it is merged: ${failedChecks(report)}`
    case 'outside':
      return `the work keeps changing what its task does not let it change: ${report.paths.join(', ')}`
    default:
      return 'the head kept moving under the work'
  }
}
