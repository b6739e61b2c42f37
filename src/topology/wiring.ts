/**
 * How a plan is handed out, by the run's wiring: pure functions from who needs what to the messages that begin the
 * work. Whoever made the plan sends them, and knows nothing else of where results go.
 */
import type { Stop } from '../../protocols/address.ts'
import type { RunId } from '../../protocols/ids.ts'
import type { ReviewRequest, review } from '../../protocols/review.ts'
import type { SupervisedTask, SupervisionPlan, supervision } from '../../protocols/supervision.ts'
import type { TaskRequest, task } from '../../protocols/task.ts'
import type { Outgoing, Wiring } from '../turn/behaviour.ts'
import { meshSlip } from './mesh.ts'
import { HUB_ROLE } from './shapes/star.ts'

/** Whoever holds the plan of a run that is wired to a hub. */
export const HUB = { role: HUB_ROLE, conversation: 'hub' } as const

export type HandedOut = Outgoing<
  typeof task.messages.request | typeof review.messages.request | typeof supervision.messages.plan
>

/**
 * The messages that hand a plan out, in the order in which they are to be sent.
 * @param goal who waits for the run's result, with the request that it would answer: the last message hands it over
 */
export function handOut(wiring: Wiring, run: RunId, plan: SupervisionPlan, goal: Stop): HandedOut[] {
  if (wiring === 'hub') return [{ type: 'supervision.plan', body: plan, to: HUB, slip: [goal] }]
  const { tasks, reviewer } = plan
  return [
    ...tasks.map(
      (work): HandedOut => ({
        type: 'task.request',
        body: requestOf(work),
        to: { role: work.role, conversation: work.name },
        slip: meshSlip(run, work, tasks, reviewer, work.reviewed),
      }),
    ),
    {
      type: 'review.request',
      body: reviewOf(plan),
      to: reviewer,
      // The reviewer owes the answer to the goal from here on.
      slip: [goal],
    },
  ]
}

/** What whoever does a task is told of it. */
export const requestOf = ({
  title,
  instructions,
  subject,
  needs,
  checks,
  files,
}: SupervisedTask): TaskRequest => ({ title, instructions, subject, needs, checks, ...(files && { files }) })

/** @param around what the reviewer is told of each task besides */
export function reviewOf(
  { goal, base, tasks, criteria, rounds }: SupervisionPlan,
  around: (work: SupervisedTask) => Partial<ReviewRequest['tasks'][number]> = () => ({}),
): ReviewRequest {
  const reviewed = tasks.filter((work) => work.reviewed)
  return {
    goal,
    base,
    tasks: reviewed.map((work) => {
      const { name, role, title, subject, checks, files } = work
      return { task: name, role, title, subject, checks, ...(files && { files }), ...around(work) }
    }),
    criteria,
    rounds,
  }
}
