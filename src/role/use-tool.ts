/** The effect `tool`: one call of one of the role's tools, parsed on the way in and out. */

import { nameOf } from '../../protocols/ids.ts'
import { issuesOf } from '../../protocols/parse.ts'
import { executeToolName, GEN_AI, GEN_AI_OPERATION } from '../../traces/names.ts'
import { type ToolContext, ToolError } from '../tools/tool.ts'
import type { EffectHandler } from '../turn/effects.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { Role } from './define.ts'
import type { ToolInput, ToolReply } from './setup.ts'

/** What a tool needs of the run it works for and of the process it runs in. */
export type Bench = (
  record: ConversationRecord,
) => Promise<Omit<ToolContext, 'run' | 'conversation' | 'signal'>>

export function toolHandler(role: Role, bench: Bench): EffectHandler {
  const tools = [...role.tools, ...role.machineTools]
  const toolOf = (input: unknown) => tools.find((tool) => tool.name === (input as ToolInput).tool)
  const unknown = (input: unknown) =>
    new ToolError(
      'unknown',
      `there is no tool "${(input as ToolInput).tool}"; there are ${role.tools.map((tool) => tool.name).join(', ') || 'none'}`,
    )

  return {
    describe: (input) => ({
      name: executeToolName((input as ToolInput).tool),
      kind: 'internal',
      attributes: {
        [GEN_AI.operationName]: GEN_AI_OPERATION.executeTool,
        [GEN_AI.toolName]: (input as ToolInput).tool,
        [GEN_AI.toolType]: 'function',
      },
    }),
    repeatable: (input) => toolOf(input)?.idempotent ?? true,
    timeoutMs: (input) => toolOf(input)?.timeoutMs ?? 0,
    async run(input, { record, signal }) {
      const tool = toolOf(input)
      if (tool === undefined) throw unknown(input)
      const parsed = tool.input.safeParse((input as ToolInput).input)
      if (!parsed.success)
        throw new ToolError('input', `the input of "${tool.name}" does not fit: ${issuesOf(parsed.error)}`)
      const around = await bench(record)
      const outcome = await tool.run(parsed.data, {
        ...around,
        tree: (input as ToolInput).tree ?? around.tree,
        run: record.run,
        conversation: nameOf(record.conversation),
        signal,
      })
      const output = tool.output.safeParse(outcome.output)
      if (!output.success)
        throw new ToolError(
          'output',
          `"${tool.name}" gave what it does not declare: ${issuesOf(output.error)}`,
        )
      const reply: ToolReply = { output: output.data, ...(outcome.tree && { tree: outcome.tree }) }
      return { output: reply }
    },
  }
}
