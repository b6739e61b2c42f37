/** The reviewer: judges the merged work and assembles the result. It cannot edit. */
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { task } from '../../protocols/task.ts'
import { defineRole } from '../../src/role/define.ts'
import { WORKSPACE_COMMANDS } from '../../src/tools/allowed-command.ts'
import { listFiles } from '../../src/tools/list-files.ts'
import { beginAtHead } from '../../src/tools/merge-work.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { runCommandTool } from '../../src/tools/run-command.ts'
import { runTestsTool } from '../../src/tools/run-tests.ts'
import { searchFiles } from '../../src/tools/search-files.ts'
import { showChanges } from '../../src/tools/show-changes.ts'
import { traceImports } from '../../src/tools/trace-imports.ts'
import { assembleResult } from './assemble.ts'
import { REVIEWER_INSTRUCTIONS } from './instructions.ts'
import { reviewerMachine } from './machine.ts'
import { reviewOffline } from './policy.ts'
import { reviewVerdict } from './verdict.ts'

export const reviewer = defineRole({
  name: 'reviewer',
  description: 'Judges the merged work against the criteria and assembles the result',
  instructions: REVIEWER_INSTRUCTIONS,
  accepts: [review.messages.request, task.messages.result],
  answers: [run.messages.result],
  sends: [review.messages.revise, review.messages.approve],
  modelAnswers: [reviewVerdict],
  tools: [
    listFiles(),
    searchFiles(),
    readFile(),
    showChanges(),
    runTestsTool(),
    runCommandTool({ commands: WORKSPACE_COMMANDS }),
    traceImports,
  ],
  machineTools: [beginAtHead, assembleResult],
  machine: reviewerMachine,
  policy: reviewOffline,
})
