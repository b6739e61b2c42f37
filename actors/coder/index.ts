/**
 * The coder: writes the code of one task, its tests and what describes it, and checks it. Documents it cannot search and
 * does not see listed: what it needs of them is the researcher's to find. One that it is to change it reads by its path.
 * What it may change, the task says, and the merge holds it to that.
 */
import { question } from '../../protocols/question.ts'
import { review } from '../../protocols/review.ts'
import { task } from '../../protocols/task.ts'
import { defineRole } from '../../src/role/define.ts'
import { WORKSPACE_COMMANDS } from '../../src/tools/allowed-command.ts'
import { editFile } from '../../src/tools/edit-file.ts'
import { listFiles } from '../../src/tools/list-files.ts'
import { beginAtHead, mergeWork } from '../../src/tools/merge-work.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { replaceDeclarationTool } from '../../src/tools/replace-declaration.ts'
import { runCommandTool } from '../../src/tools/run-command.ts'
import { runTestsTool } from '../../src/tools/run-tests.ts'
import { searchFiles } from '../../src/tools/search-files.ts'
import { writeFile } from '../../src/tools/write-file.ts'
import { CODER_INSTRUCTIONS } from './instructions.ts'
import { coderAsks, coderMachine } from './machine.ts'
import { codeOffline } from './policy.ts'
import { workAnswer } from './work.ts'

const isDocument = (path: string) => /\.(md|markdown)$/i.test(path)

export const coder = defineRole({
  name: 'coder',
  description: 'Writes the code of one task and checks it',
  instructions: CODER_INSTRUCTIONS,
  accepts: [task.messages.request, task.messages.result, review.messages.revise, review.messages.approve],
  answers: [task.messages.result],
  sends: [question.messages.ask],
  asks: coderAsks,
  modelAnswers: [workAnswer],
  tools: [
    listFiles({ hide: isDocument }),
    searchFiles({ hide: isDocument }),
    readFile(),
    editFile(),
    replaceDeclarationTool(),
    writeFile(),
    runTestsTool(),
    runCommandTool({ commands: WORKSPACE_COMMANDS }),
  ],
  machineTools: [beginAtHead, mergeWork],
  machine: coderMachine,
  policy: codeOffline,
})
