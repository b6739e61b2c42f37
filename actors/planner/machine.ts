/**
 * The planner: looks, plans, hands the tasks out with their routing slips, and is done. Results never come back to it,
 * so it may die once its plan is out.
 */
import { assign, enqueueActions } from 'xstate'
import type { Sender } from '../../protocols/address.ts'
import type { MessageId } from '../../protocols/ids.ts'
import type { review } from '../../protocols/review.ts'
import type { Goal, run } from '../../protocols/run.ts'
import type { supervision } from '../../protocols/supervision.ts'
import type { task } from '../../protocols/task.ts'
import { type AgentContext, corrected, newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { roleSetup } from '../../src/role/setup.ts'
import { handOut } from '../../src/topology/wiring.ts'
import { type Plan, planned, planProblem, planSchema } from './plan.ts'

type PlannerContext = AgentContext & {
  readonly goal: { readonly body: Goal; readonly from: Sender; readonly id: MessageId } | null
}

export const planAnswer = { type: 'plan', body: planSchema }

/** Plans in a row that may be unusable. */
const PLANS_LIMIT = 3

export const plannerMachine = roleSetup<
  PlannerContext,
  typeof run.messages.goal,
  | typeof task.messages.request
  | typeof review.messages.request
  | typeof supervision.messages.plan
  | typeof run.messages.result
>([planAnswer]).createMachine({
  id: 'planner',
  context: ({ input }) => ({ ...newAgent(input), goal: null }),
  initial: 'waiting',
  states: {
    waiting: {
      on: {
        'run.goal': {
          target: 'thinking',
          actions: [
            'hear',
            assign(({ event }) => ({ goal: { body: event.body, from: event.from, id: event.id } })),
          ],
        },
      },
    },
    ...agentStates({ answered: 'checking', gaveUp: 'failed' }),
    checking: {
      always: [
        { guard: ({ context }) => planProblem(planOf(context)) === undefined, target: 'dispatched' },
        { target: 'correcting', actions: assign(({ context }) => withoutPlan(context)) },
      ],
    },
    correcting: { always: [{ guard: 'hasProblem', target: 'failed' }, { target: 'thinking' }] },
    dispatched: {
      type: 'final',
      entry: enqueueActions(({ enqueue, context }) => {
        const { wiring, run } = context.input
        for (const message of handOut(
          wiring,
          run,
          planned(context.goal!.body, planOf(context)),
          goalOf(context),
        ))
          enqueue.emit(message)
      }),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})

const planOf = (context: PlannerContext) => context.answer!.body as Plan
const goalOf = ({ goal }: PlannerContext) => ({ ...goal!.from, correlation: goal!.id })

function withoutPlan(context: PlannerContext): Partial<PlannerContext> {
  const problem = planProblem(planOf(context))!
  const change = corrected(context, `This plan cannot be used: ${problem}.`)
  return { ...change, ...(change.corrections >= PLANS_LIMIT && { problem: `no usable plan: ${problem}` }) }
}
