/** The planner: breaks the goal into tasks. It reads the workspace and runs its tests; it writes nothing. */
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { supervision } from '../../protocols/supervision.ts'
import { task } from '../../protocols/task.ts'
import { defineRole } from '../../src/role/define.ts'
import { findStubs } from '../../src/tools/find-stubs.ts'
import { listFiles } from '../../src/tools/list-files.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { runTestsTool } from '../../src/tools/run-tests.ts'
import { searchFiles } from '../../src/tools/search-files.ts'
import { PLANNER_INSTRUCTIONS } from './instructions.ts'
import { planAnswer, plannerMachine } from './machine.ts'
import { planOffline } from './policy.ts'

export const planner = defineRole({
  name: 'planner',
  description: 'Breaks a goal into tasks with dependencies and checks',
  instructions: PLANNER_INSTRUCTIONS,
  accepts: [run.messages.goal],
  answers: [run.messages.result],
  sends: [task.messages.request, review.messages.request, supervision.messages.plan],
  modelAnswers: [planAnswer],
  tools: [findStubs(), listFiles(), searchFiles(), readFile(), runTestsTool()],
  machine: plannerMachine,
  policy: planOffline,
})
