/**
 * Effects of a replay: nothing is asked of the world. What came of an effect is in the recording, under its name in its
 * conversation, and is given where what is asked is what was asked then.
 */
import { isDeepStrictEqual } from 'node:util'
import { SkeinError } from '../../protocols/errors.ts'
import type { ConversationId } from '../../protocols/ids.ts'
import { nameOf } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { AgentContext } from '../role/agent-context.ts'
import type { Role } from '../role/define.ts'
import { keptPromptOf } from '../role/kept-prompt.ts'
import type { ChatInput, ToolInput } from '../role/setup.ts'
import { toolOf } from '../role/tool-of.ts'
import { wholeTranscript } from '../role/transcript.ts'
import { orAborted } from '../time/or-aborted.ts'
import { parseInput } from '../tools/input.ts'
import type { EffectContext, EffectError, EffectHandlers, EffectOutcome } from '../turn/effects.ts'
import type { Course } from './course.ts'
import { changed, changeOfPrompt } from './prompt-changes.ts'
import { recordedPrompts } from './recorded-prompts.ts'
import type { RecordedTurn, Recording } from './recording.ts'
import type { RecordingError } from './recording-error.ts'

export interface RecordedEffects {
  /** The handlers of a role, in place of those that it has. */
  handlersOf(role: Role, plain: EffectHandlers): EffectHandlers
  /** Effects that were asked for and of which nothing was recorded, for people. */
  idle(): readonly string[]
}

/** An error of an effect, as it was recorded. */
class RecordedError extends SkeinError {
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined
  readonly usage: EffectOutcome['usage']

  constructor(
    { code, message, retryable = false, retryAfterMs }: EffectError,
    usage: EffectOutcome['usage'],
  ) {
    super(code, message)
    this.retryable = retryable
    this.retryAfterMs = retryAfterMs
    this.usage = usage
  }
}

/** Longer than any run. It is the recording that says whether an effect took too long. */
const FOREVER_MS = Number.MAX_SAFE_INTEGER

export function recordedEffects(recording: Recording, course: Course, blobs: Blobs): RecordedEffects {
  const idle = new Map<string, string>()
  const promptOf = recordedPrompts(recording)

  /** Never settles but with the signal: the replay is at its end. */
  const stuck = (signal: AbortSignal) => orAborted(new Promise<never>(() => {}), signal)

  async function changeOf(
    role: Role,
    recorded: RecordedTurn,
    src: string,
    input: unknown,
    { record, name }: EffectContext,
  ): Promise<RecordingError | undefined> {
    const where = callName(role.name, record.conversation, name)
    const { asked } = recorded
    if (asked?.kind === 'chat' && src === 'chat') {
      const transcript =
        (input as ChatInput).transcript ??
        (await wholeTranscript(record.snapshot!.context as AgentContext, blobs))
      return changeOfPrompt(where, promptOf(asked), { parts: keptPromptOf(role), transcript })
    }
    const was = asked?.kind === 'effect' ? { src: asked.src, input: asked.input } : { src: 'chat' }
    const is = { src, input }
    if (!isDeepStrictEqual(was, is)) return changed('call', where, 'what is called', was, is)
    return recorded.input.kind === 'outcome' && recorded.input.result.ok && src === 'tool'
      ? changeOfTool(role, input as ToolInput, where)
      : undefined
  }

  async function run(
    role: Role,
    src: string,
    input: unknown,
    context: EffectContext,
  ): Promise<EffectOutcome> {
    const { record, name, signal } = context
    const recorded = course.outcomeOf(record.conversation, name)
    if (recorded?.input.kind !== 'outcome') {
      idle.set(
        `${record.conversation} ${name}`,
        `${callName(role.name, record.conversation, name)} (${src}) was not recorded`,
      )
      return stuck(signal)
    }
    const change = await changeOf(role, recorded, src, input, context)
    if (change !== undefined) {
      course.fail(change)
      return stuck(signal)
    }
    if (recorded.call) context.onCall?.(recorded.call as never)
    if (recorded.attributes) context.onAttributes?.(recorded.attributes)
    const { result, usage } = recorded.input
    if (!result.ok) throw new RecordedError(result.error as EffectError, usage)
    return { output: result.output, ...(usage && { usage }) }
  }

  return {
    handlersOf: (role, plain) =>
      Object.fromEntries(
        Object.entries(plain).map(([src, { describe }]) => [
          src,
          {
            describe,
            repeatable: () => true,
            timeoutMs: () => FOREVER_MS,
            run: (input, context) => run(role, src, input, context),
          },
        ]),
      ),
    idle: () => [...idle.values()],
  }
}

/** What was called is not run, and must be there all the same. */
function changeOfTool(role: Role, call: ToolInput, where: string): RecordingError | undefined {
  const { tool: name, input } = call
  const tool = toolOf(role, call)
  const fits = tool && parseInput(tool.input, input)
  if (fits?.success) return undefined
  const now =
    tool === undefined ? 'there is none of that name' : `it does not take it: ${fits!.error!.message}`
  return changed('tools', where, `the tool "${name}" of "${role.name}"`, input, now)
}

const callName = (role: string, conversation: ConversationId, name: string) =>
  `call ${name} of ${role} in ${nameOf(conversation)}`
