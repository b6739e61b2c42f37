/** The researcher: finds things in the documents. It has no tool that writes. */
import { question } from '../../protocols/question.ts'
import { task } from '../../protocols/task.ts'
import { defineRole } from '../../src/role/define.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { searchDocuments } from '../../src/tools/search-documents.ts'
import { foundAnswer } from './findings.ts'
import { RESEARCHER_INSTRUCTIONS } from './instructions.ts'
import { researcherMachine } from './machine.ts'
import { researchOffline } from './policy.ts'

export const researcher = defineRole({
  name: 'researcher',
  version: 2,
  description: 'Finds in the documents what a peer needs, with its source',
  instructions: RESEARCHER_INSTRUCTIONS,
  accepts: [task.messages.request, question.messages.ask],
  answers: [task.messages.result, question.messages.answer],
  modelAnswers: [foundAnswer],
  tools: [searchDocuments(), readFile({ of: 'documents' })],
  machine: researcherMachine,
  policy: researchOffline,
})
