/** One agent with the tools of all others and nobody to talk to: what many agents are to be compared with. */
import { run } from '../../protocols/run.ts'
import { defineRole } from '../../src/role/define.ts'
import { beginAtHead, mergeWork } from '../../src/tools/merge-work.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { coder } from '../coder/index.ts'
import { planner } from '../planner/index.ts'
import { researcher } from '../researcher/index.ts'
import { assembleResult } from '../reviewer/assemble.ts'
import { reviewer } from '../reviewer/index.ts'
import { SOLO_INSTRUCTIONS } from './instructions.ts'
import { soloMachine } from './machine.ts'
import { soloOffline } from './policy.ts'
import { solutionAnswer } from './solution.ts'

/** Each tool once: of two with a name, that of the role that may see more comes first. */
const tools = new Map<string, Tool>()
for (const tool of [planner, reviewer, researcher, coder].flatMap((role) => role.tools))
  if (!tools.has(tool.name)) tools.set(tool.name, tool)

export const solo = defineRole({
  name: 'solo',
  description: 'Plans, researches, writes and judges, all alone',
  instructions: SOLO_INSTRUCTIONS,
  accepts: [run.messages.goal],
  answers: [run.messages.result],
  modelAnswers: [solutionAnswer],
  tools: [...tools.values()],
  machineTools: [beginAtHead, mergeWork, assembleResult],
  machine: soloMachine,
  policy: soloOffline,
})
