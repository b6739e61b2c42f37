/**
 * The tool that runs a command of an allowlist on a checkout of the workspace. The allowlist says what an agent may
 * start, not what that does: a test suite runs the code that agents wrote.
 */
import { z } from 'zod'
import { type AllowedCommand, isAllowed, listOf } from './allowed-command.ts'
import { runCommand } from './command.ts'
import { commandText, workPreview } from './preview.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'
import { atWorkbench } from './workbench.ts'

const input = z.object({
  argv: z
    .array(z.string())
    .min(1)
    .describe('the program and its arguments, each by itself; there is no shell'),
})

const output = z.object({
  exitCode: z.number().int().nullable().describe('0 is success; null where it was killed'),
  timedOut: z.boolean().describe('whether it was killed because it took too long'),
  output: z.string().describe('what it printed'),
  truncated: z.boolean().describe('whether the middle of the output was left out'),
})

export type RunCommandOptions = {
  readonly commands: readonly AllowedCommand[]
  /** Deadline of the command itself. */
  readonly timeoutMs?: number
  readonly outputLimitBytes?: number
}

const COMMAND_TIMEOUT_MS = 60_000
/** Time for the checkout before the command and for killing it, so that its own deadline comes first. */
const AROUND_MS = 30_000

/** `run_command`. */
export function runCommandTool(options: RunCommandOptions): Tool<typeof input, typeof output> {
  const { commands, timeoutMs = COMMAND_TIMEOUT_MS, outputLimitBytes } = options
  const list = listOf(commands)
  return defineTool({
    name: 'run_command',
    description: `Runs a command in a copy of the workspace. Its changes to files are not kept. Allowed: ${list}.`,
    input,
    output,
    workspace: 'reads',
    timeoutMs: timeoutMs + AROUND_MS,
    worksOutside: true,
    async preview({ argv }, context) {
      const command = commandText(argv)
      if (!isAllowed(commands, argv)) return { text: `would fail: ${command} is not allowed` }
      return workPreview(`runs ${command} in a copy of the workspace`, context)
    },
    async run({ argv }, context) {
      const { blobs, tree, scratch, nodeModules, clock, signal, onOutput, sandbox } = context
      if (!isAllowed(commands, argv)) {
        throw new ToolError('forbidden', `${JSON.stringify(argv)} is not allowed: choose one of ${list}`)
      }
      if (tree === undefined) throw new ToolError('no-workspace', 'this run has no workspace to run it in')
      const result = await atWorkbench(
        { blobs, tree, scratch, nodeModules },
        ({ directory: cwd, home, readable }) =>
          runCommand({
            ...{ argv, cwd, home, clock, signal, timeoutMs, outputLimitBytes, onOutput },
            ...{ sandbox, readable },
          }),
      )
      const { exitCode, timedOut, output, truncated } = result
      return { output: { exitCode, timedOut, output, truncated } }
    },
  })
}
