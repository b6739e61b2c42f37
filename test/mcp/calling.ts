/** A tool called as a host calls it: its input parsed, its output parsed, with a context of its own. */

import type { CallOutput } from '../../src/mcp/call-outcome.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import type { Tool, ToolContext } from '../../src/tools/tool.ts'

export async function called(
  tools: readonly Tool[],
  name: string,
  input: unknown = {},
  around: Partial<ToolContext> = {},
): Promise<CallOutput> {
  const tool = tools.find((one) => one.name === name)
  if (tool === undefined)
    throw new Error(`no tool "${name}" among ${tools.map((one) => one.name).join(', ')}`)
  const context = { signal: new AbortController().signal, clock: systemClock(), ...around } as ToolContext
  const { output } = await tool.run(tool.input.parse(input), context)
  return tool.output.parse(output) as CallOutput
}
