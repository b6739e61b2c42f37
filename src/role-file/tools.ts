/** The tools of a role in Markdown, made of what its front matter lists. */
import { z } from 'zod'
import { McpError } from '../mcp/error.ts'
import { isMcpReference, type McpServers } from '../mcp/named-servers.ts'
import { type Tool, ToolError } from '../tools/tool.ts'
import type { FileText, Path } from '../yaml/text.ts'
import { BUILT_IN_TOOLS } from './built-in-tools.ts'
import type { RoleFileProblem } from './error.ts'
import type { Keys, ToolEntry } from './keys.ts'
import { meant } from './near.ts'

const mcpOptions = z.strictObject({
  /** For the model, in place of the server's. */
  name: z.string().optional(),
  timeoutMs: z.number().int().positive().optional(),
  outputLimitBytes: z.number().int().positive().optional(),
  idempotent: z.boolean().optional(),
})

/** What of an MCP server is no matter of the file: it may be there tomorrow. */
const OUTSIDE = ['mcp.unreachable']

/**
 * In their order; whatever is wrong goes to `complain`.
 * @throws McpError `mcp.unreachable`
 */
export async function toolsOf(
  { tools: entries = [], approve = [], asks = {} }: Keys,
  yaml: FileText,
  mcp: McpServers,
  complain: (problem: RoleFileProblem) => void,
): Promise<Tool[]> {
  const say = (path: Path, text: string) => complain({ code: 'file-tool', ...yaml.problem(path, text) })
  const tools: { readonly tool: Tool; readonly index: number }[] = []
  for (const [index, entry] of entries.entries()) {
    const tool = isMcpReference(entry.name)
      ? await mcpTool(entry, mcp, (text) => say(['tools', index], text))
      : builtIn(entry, (path, text) => say(['tools', index, ...path], text))
    if (tool !== undefined) tools.push({ tool, index })
  }
  for (const [at, { tool, index }] of tools.entries()) {
    const first = tools.findIndex((other) => other.tool.name === tool.name)
    if (first === at) continue
    const { line } = yaml.problem(['tools', tools[first]!.index], '')
    say(['tools', index], `the tool "${tool.name}" stands in line ${line} already: leave one of them out`)
  }
  const isWhole = tools.length === entries.length
  const names = tools.map(({ tool }) => tool.name)
  for (const [index, name] of approve.entries())
    if (isWhole && !names.includes(name))
      say(['approve', index], `the role has no tool "${name}" to approve: ${meant(name, names)}`)
  for (const role of Object.keys(asks)) {
    const name = `ask_${role.replaceAll('-', '_')}`
    if (names.includes(name))
      say(['asks', role], `to ask "${role}" is the tool "${name}", which is in "tools" as well`)
  }
  return tools.map(({ tool }) => tool)
}

function builtIn({ name, options }: ToolEntry, say: (path: Path, text: string) => void): Tool | undefined {
  const known = Object.hasOwn(BUILT_IN_TOOLS, name) ? BUILT_IN_TOOLS[name] : undefined
  if (known === undefined) {
    say(
      [],
      `there is no tool "${name}": ${meant(name, Object.keys(BUILT_IN_TOOLS))} Tools of MCP servers are written mcp:SERVER/TOOL`,
    )
    return undefined
  }
  const parsed = known.options.safeParse(options)
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      say([name, ...issue.path], optionText(name, issue, Object.keys(known.options.shape)))
    return undefined
  }
  try {
    return known.make(parsed.data)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    say([name], `${name}: ${error.message}`)
    return undefined
  }
}

function optionText(tool: string, issue: z.core.$ZodIssue, allowed: readonly string[]): string {
  if (issue.code === 'unrecognized_keys')
    return `${tool} has no option "${issue.keys[0]}": ${meant(issue.keys[0]!, allowed)}`
  const missing =
    issue.code === 'invalid_type' && issue.path.length === 1 && REQUIRED[`${tool}.${String(issue.path[0])}`]
  if (missing) return `${tool} needs ${missing}`
  return `${tool}: ${issue.path.map(String).join('.') || 'its options'}: ${issue.message}`
}

const REQUIRED: Readonly<Record<string, string>> = {
  'run_command.commands': 'the commands that it may run, like "- run_command: { commands: [npm test] }"',
  'fetch_url.allow': 'the hosts that it may fetch from, like "- fetch_url: { allow: [docs.example.org] }"',
}

async function mcpTool(
  { name: reference, options }: ToolEntry,
  mcp: McpServers,
  say: (text: string) => void,
): Promise<Tool | undefined> {
  const parsed = mcpOptions.safeParse(options)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) say(optionText(reference, issue, Object.keys(mcpOptions.shape)))
    return undefined
  }
  const { name, idempotent, ...limits } = parsed.data
  const tool = reference.slice(reference.indexOf('/') + 1)
  try {
    const [made] = await mcp.tools([reference], {
      ...limits,
      ...(name !== undefined && { rename: { [tool]: name } }),
      ...(idempotent === true && { idempotent: [tool] }),
    })
    return made
  } catch (error) {
    if (!(error instanceof McpError) || OUTSIDE.includes(error.code)) throw error
    say(error.message)
    return undefined
  }
}
