/** The effect `tool`: one call of one of the role's tools, parsed on the way in and out. */
import type { z } from 'zod'
import { nameOf } from '../../protocols/ids.ts'
import { issuesOf } from '../../protocols/parse.ts'
import { digestOf } from '../../traces/digest.ts'
import { executeToolName, GEN_AI, GEN_AI_OPERATION, OTHER, SKEIN } from '../../traces/names.ts'
import { parseInput } from '../tools/input.ts'
import { type ToolContext, ToolError } from '../tools/tool.ts'
import type { EffectHandler } from '../turn/effects.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { AgentContext } from './agent-context.ts'
import { argumentsContent, type ContentPolicy, resultContent } from './content.ts'
import type { Role } from './define.ts'
import { askTool, type ToolInput, type ToolReply } from './setup.ts'
import { toolOf } from './tool-of.ts'
import { foldTranscript } from './transcript.ts'

/** What a tool needs of the run it works for and of the process it runs in. */
export type Bench = (
  record: ConversationRecord,
) => Promise<
  Omit<
    ToolContext,
    'base' | 'run' | 'conversation' | 'call' | 'signal' | 'said' | 'traceparent' | 'onAttributes' | 'onOutput'
  >
>

/**
 * Bytes of JSON of what a tool gives to a model. It stands in the record of its turn, beside what is not folded away
 * yet, and a server of NATS takes 1 MiB unless it is told otherwise.
 */
const RESULT_BYTES = 700_000

const badInput = (tool: string, error: z.ZodError) =>
  new ToolError('input', `the input of "${tool}" does not fit: ${issuesOf(error)}`)

/** Takes what the tool of one call prints, for people who watch. */
export type Hear = (record: ConversationRecord, tool: string) => { add(text: string): void; end(): void }

export type ToolOptions = {
  readonly role: Role
  readonly bench: Bench
  /** What of the call spans show; without it, none of it. */
  readonly content?: ContentPolicy | undefined
  readonly hear?: Hear | undefined
}

export function toolHandler({ role, bench, content: policy, hear }: ToolOptions): EffectHandler {
  const toolIn = (input: unknown) => toolOf(role, input as ToolInput)
  /** What models make up is no name of a span, nor of a metric's series; the error says it. */
  const knownName = (input: unknown) => toolIn(input)?.name ?? OTHER
  const names = [...role.tools.map((tool) => tool.name), ...Object.keys(role.asks).map(askTool)]

  function notRun({ tool, input }: ToolInput): ToolError {
    // A question that fits is asked by the machine; what comes here did not.
    const ask = Object.entries(role.asks).find(([name]) => askTool(name) === tool)?.[1]
    const misfit = ask?.message.body.safeParse(input).error
    return misfit === undefined
      ? new ToolError('unknown', `there is no tool "${tool}"; there are ${names.join(', ') || 'none'}`)
      : badInput(tool, misfit)
  }

  return {
    describe: (input) => ({
      name: executeToolName(knownName(input)),
      kind: 'internal',
      attributes: {
        [GEN_AI.operationName]: GEN_AI_OPERATION.executeTool,
        [GEN_AI.toolName]: knownName(input),
        [GEN_AI.toolType]: 'function',
      },
    }),
    repeatable: (input) => toolIn(input)?.idempotent ?? true,
    timeoutMs: (input) => toolIn(input)?.timeoutMs ?? 0,
    async run(input, { record, name, signal, traceparent, onAttributes }) {
      const { byModel, tree, input: given, said } = input as ToolInput
      const isTraced = record.trace.sampled
      const content = isTraced ? policy : undefined
      if (isTraced)
        onAttributes?.({
          [SKEIN.inputDigest]: digestOf(given),
          ...(content && argumentsContent(given, content)),
        })
      const tool = toolIn(input)
      if (tool === undefined) throw notRun(input as ToolInput)
      const parsed = parseInput(tool.input, given)
      if (!parsed.success) throw badInput(tool.name, parsed.error)
      const around = await bench(record)
      signal.throwIfAborted() // what nobody wants any more is not begun
      const before = tree ?? around.tree
      if (before !== undefined) onAttributes?.({ [SKEIN.treeBefore]: before })
      const live = hear?.(record, tool.name)
      const outcome = await tool
        .run(parsed.data, {
          ...around,
          ...(live && { onOutput: live.add }),
          base: around.tree,
          tree: before,
          run: record.run,
          conversation: nameOf(record.conversation),
          call: name,
          signal,
          traceparent,
          ...(onAttributes && { onAttributes }),
          ...(said && { said }),
        })
        .finally(live?.end)
      const output = tool.output.safeParse(outcome.output)
      if (!output.success)
        throw new ToolError(
          'output',
          `"${tool.name}" gave what it does not declare: ${issuesOf(output.error)}`,
        )
      const bytes = byModel ? Buffer.byteLength(JSON.stringify(output.data) ?? '') : 0
      if (bytes > RESULT_BYTES)
        throw new ToolError(
          'too-large',
          `"${tool.name}" gave ${bytes} bytes, and no more than ${RESULT_BYTES} can be kept: ask for less of it`,
        )
      // What a machine's own call gives is the machine's; only an agent's loop keeps a transcript.
      const fold = byModel
        ? await foldTranscript(record.snapshot!.context as AgentContext, around.blobs)
        : undefined
      const reply: ToolReply = {
        output: output.data,
        ...(outcome.tree && { tree: outcome.tree }),
        ...(fold && { fold }),
      }
      return {
        output: reply,
        attributes: {
          ...(isTraced && { [SKEIN.outputDigest]: digestOf(output.data) }),
          ...(outcome.tree && outcome.tree !== before && { [SKEIN.tree]: outcome.tree }),
          ...(outcome.check && { [SKEIN.check]: outcome.check }),
          ...(content && resultContent(output.data, content)),
        },
      }
    },
  }
}
