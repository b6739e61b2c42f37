/** The tool that a call means: a model calls what it sees, a machine what either has. */
import type { Tool } from '../tools/tool.ts'
import type { Role } from './define.ts'
import type { ToolInput } from './setup.ts'

export const toolOf = (
  { tools, machineTools }: Pick<Role, 'tools' | 'machineTools'>,
  { tool: name, byModel }: Pick<ToolInput, 'tool' | 'byModel'>,
): Tool | undefined => [...tools, ...(byModel ? [] : machineTools)].find((tool) => tool.name === name)
