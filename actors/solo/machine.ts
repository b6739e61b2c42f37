/**
 * The one agent that does everything: begins at the head, works until its model has a solution, merges it with its
 * checks, and assembles the result. Nobody works beside it, so it merges once, at the end.
 */
import { assign, enqueueActions } from 'xstate'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Goal, run } from '../../protocols/run.ts'
import type { CheckResult } from '../../protocols/task.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { isDenied } from '../../src/role/denied.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { MergeReport } from '../../src/tools/merge-work.ts'
import type { EffectError } from '../../src/turn/effects.ts'
import { failedChecks, mergedChecksOf, mergeReportOf } from '../coder/merged.ts'
import { assembledIn } from '../reviewer/assemble.ts'
import { checksOf, reportFor } from './result.ts'
import { type Solution, solutionAnswer } from './solution.ts'

type SoloContext = AgentContext & {
  readonly goal: Goal | null
  /** The head that the work began at. */
  readonly base: BlobHash | null
  /** What the checks of the pieces gave on the merged tree. */
  readonly checks: readonly CheckResult[]
  /** How often a solution was not merged. */
  readonly rejected: number
}

/** Solutions that may turn out not to hold before it gives up. */
const REJECTED_LIMIT = 3
/** Calls to its model: it does the work of many. */
const STEPS_LIMIT = 1_000

export const soloMachine = roleSetup<SoloContext, typeof run.messages.goal, typeof run.messages.result>(
  [solutionAnswer],
  {},
  { steps: STEPS_LIMIT },
).createMachine({
  id: 'solo',
  context: ({ input }) => ({ ...newAgent(input), goal: null, base: null, checks: [], rejected: 0 }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'run.goal': {
          target: 'beginning',
          actions: ['hear', assign(({ event }) => ({ goal: event.body }))],
        },
      },
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
        onError: { target: 'failed', actions: 'giveUp' },
      },
    },
    ...agentStates({ answered: 'merging', gaveUp: 'gaveUp' }),
    merging: {
      invoke: {
        id: 'merge',
        src: 'tool',
        input: ({ context }) => ({
          tool: 'merge_work',
          input: {
            base: context.base,
            checks: checksOf(solutionOf(context)),
            excused: solutionOf(context).failing,
          },
          tree: context.tree,
        }),
        onDone: [
          {
            guard: ({ event }) => mergeReportOf(event.output).kind === 'merged',
            target: 'assembling',
            actions: assign(({ event }) => ({
              checks: mergedChecksOf(event.output),
              tree: event.output.tree!,
            })),
          },
          {
            guard: ({ context }) => context.rejected >= REJECTED_LIMIT,
            target: 'gaveUp',
            actions: assign(({ event }) => ({
              problem: problemIn(mergeReportOf(event.output)),
              answer: null,
            })),
          },
          {
            target: 'thinking',
            actions: assign(({ context, event }) =>
              corrected(context, problemIn(mergeReportOf(event.output))),
            ),
          },
        ],
        onError: [
          {
            guard: ({ context, event }) => isDenied(event.error) && context.rejected < REJECTED_LIMIT,
            target: 'thinking',
            actions: assign(({ context, event }) => corrected(context, (event.error as EffectError).message)),
          },
          { target: 'gaveUp', actions: 'giveUp' },
        ],
      },
    },
    gaveUp: {
      always: [
        // What there is may be of use, though it is not what was asked for.
        { guard: ({ context }) => context.tree !== context.base, target: 'assembling' },
        { target: 'failed' },
      ],
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
        enqueue.emit({
          type: 'run.result',
          body: { outcome, reason, tree: context.tree, ...assembledIn(event) },
        })
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

const solutionOf = (context: SoloContext) => context.answer!.body as Solution

const report = ({ goal, tree, checks, problem, problemKind, answer }: SoloContext) =>
  reportFor(goal!, (answer?.body as Solution | undefined) ?? null, {
    tree,
    checks,
    problem: { text: problem, kind: problemKind },
  })

function problemIn(report: MergeReport): string {
  switch (report.kind) {
    case 'rejected':
      return `checks of the solution fail: ${failedChecks(report)}`
    case 'overlap':
      return `somebody else changed the same places: ${report.paths.join(', ')}`
    case 'outside': // it may change anything
    case 'merged':
      return ''
  }
}

const corrected = (context: SoloContext, problem: string): Partial<SoloContext> => ({
  rejected: context.rejected + 1,
  answer: null,
  transcript: [...context.transcript, { kind: 'correction', text: `The solution is not taken: ${problem}.` }],
})
