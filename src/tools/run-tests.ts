/** The tool that runs the workspace's own tests, all of them or those that are named. */
import { z } from 'zod'
import { workPreview } from './preview.ts'
import { runTests } from './test-report.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'
import { atWorkbench } from './workbench.ts'

const input = z.object({
  names: z
    .array(z.string())
    .nullable()
    .describe('full names of the tests that count; null for the whole suite'),
})

export const testReportSchema = z.object({
  ok: z.boolean().describe('whether everything that counts passed'),
  passed: z.array(z.string()),
  failed: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      error: z.string(),
      stack: z.string().describe('where it failed, cut'),
    }),
  ),
  timedOut: z.boolean(),
  output: z.string().describe('the end of what the tests printed, where something failed'),
})

/** Time for the tests themselves, in milliseconds; and for the checkout before and the killing after. */
const TESTS_MS = 15_000
const AROUND_MS = 15_000
/** Characters kept of an error, a stack, and the printed output. */
const KEPT = { error: 500, stack: 1_200, output: 1_500 }

/** `run_tests`. */
export function runTestsTool(
  options: { readonly timeoutMs?: number } = {},
): Tool<typeof input, typeof testReportSchema> {
  const { timeoutMs = TESTS_MS } = options
  return defineTool({
    name: 'run_tests',
    description:
      'Runs the tests of the workspace in a copy of it and tells which passed and which failed, and why.',
    input,
    output: testReportSchema,
    workspace: 'reads',
    timeoutMs: timeoutMs + AROUND_MS,
    worksOutside: true,
    preview: (_, context) => workPreview('runs the tests of the workspace in a copy of it', context),
    async run({ names }, context) {
      const { blobs, tree, scratch, clock, signal, nodeModules, onOutput, sandbox } = context
      if (tree === undefined)
        throw new ToolError('no-workspace', 'this run has no workspace whose tests could run')
      const report = await atWorkbench(
        { blobs, tree, scratch, ...(nodeModules && { nodeModules }) },
        (bench) =>
          runTests({ ...bench, clock, signal, timeoutMs, onOutput, sandbox, ...(names && { names }) }),
      )
      return {
        output: {
          ok: report.ok,
          passed: [...report.passed],
          failed: report.failed.map(({ name, file = '', error, stack = '' }) => ({
            name,
            file,
            error: error.slice(0, KEPT.error),
            stack: stack.slice(0, KEPT.stack),
          })),
          timedOut: report.timedOut,
          output: report.ok ? '' : report.output.slice(-KEPT.output),
        },
        check: report.ok ? 'passed' : 'failed',
      }
    },
  })
}
