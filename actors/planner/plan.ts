/** The plan: tasks with what they wait for and how they are checked. What the planner's model ends with. */
import { z } from 'zod'
import { roleName } from '../../protocols/ids.ts'
import type { Goal } from '../../protocols/run.ts'
import type { SupervisionPlan } from '../../protocols/supervision.ts'
import { checkSchema, filesSchema, subjectSchema } from '../../protocols/task.ts'
import { GOAL_CONVERSATION, ORIGIN_CONVERSATION } from '../../src/run/origin-address.ts'
import { isAllowed, listOf, WORKSPACE_COMMANDS } from '../../src/tools/allowed-command.ts'
import { scopeProblem } from '../../src/tools/scope.ts'
import { HUB } from '../../src/topology/wiring.ts'

export const planSchema = z
  .object({
    tasks: z.array(
      z.object({
        name: z.string().describe('short and unique: a-z, 0-9 and "-"'),
        role: z.enum(['researcher', 'coder']),
        title: z.string().describe('what is to be done, in a few words'),
        instructions: z
          .string()
          .describe('all that the peer must know: what and why, where, how it must behave, what must stay'),
        subject: subjectSchema
          .nullable()
          .describe(
            'the one exported declaration that the task is about; null if it is about more, or new code',
          ),
        needs: z.array(z.string()).describe('names of tasks of this plan whose results it waits for'),
        checks: z.array(checkSchema).describe('what must hold when it is merged; empty for research'),
        files: filesSchema.describe(
          'paths that it may change or create, like "src/index.js"; with "/" at the end, all below; empty for research',
        ),
      }),
    ),
    criteria: z
      .array(z.string())
      .describe(
        'what the reviewer judges the whole by: each can be seen to hold or to fail in the workspace',
      ),
  })
  .describe('The plan for the goal')
export type Plan = z.infer<typeof planSchema>
export type PlannedWork = Plan['tasks'][number]

/** The conversation of the review. */
const REVIEW_CONVERSATION = 'review'

/** The whole of what is to be done for a goal, as whoever hands it out has to know it. */
export const planned = (goal: Goal, { tasks, criteria }: Plan): SupervisionPlan => ({
  ...goal,
  criteria,
  tasks: tasks.map((work) => ({ ...work, role: roleName(work.role), reviewed: work.role === 'coder' })),
  reviewer: { role: roleName('reviewer'), conversation: REVIEW_CONVERSATION },
})

/** Conversations that a run has besides its tasks, by name. */
const TAKEN: readonly string[] = [
  ORIGIN_CONVERSATION,
  GOAL_CONVERSATION,
  REVIEW_CONVERSATION,
  HUB.conversation,
]
/** What a question is called, after the task that asks. */
const QUESTION = /-q\d+$/

/** What is wrong with a plan, or undefined. */
export function planProblem({ tasks }: Plan): string | undefined {
  const names = new Set(tasks.map((task) => task.name))
  if (!tasks.some((task) => task.role === 'coder')) return 'the plan has no task for a coder'
  if (names.size < tasks.length) return 'two tasks have the same name'
  for (const { name, role, needs, checks, files } of tasks) {
    const forbidden = checks.find(
      (check) => check.kind === 'command' && !isAllowed(WORKSPACE_COMMANDS, check.argv),
    )
    if (forbidden !== undefined)
      return `a check of task "${name}" is a command that is not allowed: use ${listOf(WORKSPACE_COMMANDS)}`
    if (!/^[a-z0-9][a-z0-9-]{0,47}$/.test(name))
      return `"${name}" cannot name a task: use a-z, 0-9 and "-", at most 48`
    if (TAKEN.includes(name) || QUESTION.test(name))
      return `"${name}" cannot name a task, since the run itself has something of that name: choose another`
    if (role === 'coder' && files.length === 0)
      return `task "${name}" may change no file: name in "files" what it may change or create`
    const unfit = files.map(scopeProblem).find((problem) => problem !== undefined)
    if (unfit !== undefined) return `"files" of task "${name}": ${unfit}`
    const missing = needs.find((need) => !names.has(need))
    if (missing !== undefined) return `task "${name}" needs "${missing}", which is not in the plan`
  }
  const cycle = cycleIn(tasks)
  return cycle === undefined ? undefined : `these tasks wait for each other: ${cycle.join(', ')}`
}

/** Tasks that can never begin, or undefined. */
function cycleIn(tasks: readonly PlannedWork[]): string[] | undefined {
  let waiting = [...tasks]
  for (;;) {
    const names = new Set(waiting.map((task) => task.name))
    const rest = waiting.filter((task) => task.needs.some((need) => names.has(need)))
    if (rest.length === 0) return undefined
    if (rest.length === waiting.length) return rest.map((task) => task.name)
    waiting = rest
  }
}
