/** What a scripted model says: replies as plain data, and the words to write them with. */
import type { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { type ChatRequest, type FinishReason, ModelError, type Usage } from '../model/model.ts'

/** One reply of a model. Whatever of it is given is said in this order: text, calls, answer; or it fails after its text. */
export type ScriptedReply = {
  readonly text?: string
  readonly calls?: readonly { readonly tool: string; readonly input: unknown }[]
  readonly answer?: { readonly type: string; readonly body: unknown }
  readonly failure?: ModelError
  /** Milliseconds until it begins: of virtual time, in a mesh. */
  readonly delayMs?: number
  /** What it says of its tokens; nothing unless given. */
  readonly usage?: Usage
  readonly finish?: FinishReason
}

/**
 * A reply, or what gives one from the request. A function that throws a ModelError has the call fail with it.
 * @param number of the call, of the role: 1 for the first
 */
export type ScriptStep = ScriptedReply | ScriptFunction
export type ScriptFunction = (request: ChatRequest, number: number) => ScriptedReply | Promise<ScriptedReply>

/** Steps, each said once and in turn; or one function, for all calls. */
export type Script = readonly ScriptStep[] | ScriptFunction

/** One reply of several parts: two calls at once, a text and an answer, an answer and its usage. */
function joined(...parts: readonly ScriptedReply[]): ScriptedReply {
  const texts = parts.flatMap(({ text }) => text ?? [])
  const calls = parts.flatMap((part) => part.calls ?? [])
  return {
    ...Object.assign({}, ...parts),
    ...(texts.length > 0 && { text: texts.join('') }),
    ...(calls.length > 0 && { calls }),
  }
}

/**
 * @example
 * reply(reply.text('Let me look.'), call('search', { query: 'fees' }), call('search', { query: 'boats' }))
 * reply(answer('question.answer', { answer: '42' }), { usage: { inputTokens: 100, outputTokens: 5 } })
 */
export const reply = Object.assign(joined, {
  text: (text: string): ScriptedReply => ({ text }),
})

/** It calls a tool, whether the role has it or not. */
export const call = (tool: string, input: unknown = {}): ScriptedReply => ({ calls: [{ tool, input }] })

/** It ends with an answer, whether that fits or not. */
export function answer<Body extends z.ZodType>(
  message: Pick<MessageDefinition<string, Body>, 'type' | 'body'>,
  body: z.input<Body>,
): ScriptedReply
export function answer(type: string, body: unknown): ScriptedReply
export function answer(message: string | { readonly type: string }, body: unknown): ScriptedReply {
  return { answer: { type: typeof message === 'string' ? message : message.type, body } }
}

/** Errors after which the same call may succeed. */
const PASSING = new Set([
  ...['unreachable', 'timeout', 'unavailable', 'rate-limited', 'malformed', 'cut'],
  ...['bad-answer', 'bad-call'],
])

export type FailOptions = {
  readonly message?: string
  /** Whether the same call may succeed later: as adapters say of such an error, unless given. */
  readonly retryable?: boolean
  readonly usage?: Usage
  readonly retryAfterMs?: number
  readonly contextTokens?: number
}

/** The call fails. @param code as ModelError has it, without `model.`: `unavailable`, `refused`, `context-length` */
export const fail = (code: string, options: FailOptions = {}): ScriptedReply => ({
  failure: errorOf(code, options),
})

export const errorOf = (code: string, { message, retryable, ...more }: FailOptions = {}): ModelError =>
  new ModelError(code, message ?? `the test says that it is ${code}`, {
    ...more,
    retryable: retryable ?? PASSING.has(code),
  })

/** The same step, so many milliseconds later: of virtual time, in a mesh. */
export function delay(ms: number, step: ScriptedReply): ScriptedReply
export function delay(ms: number, step: ScriptStep): ScriptFunction
export function delay(ms: number, step: ScriptStep): ScriptStep {
  if (typeof step !== 'function') return { ...step, delayMs: ms }
  return async (request, number) => ({ ...(await step(request, number)), delayMs: ms })
}

/**
 * The same step, if what is asked is what the test expects; else the test is told what was asked instead.
 * @param expected of the last entry of the transcript as JSON; or says whether a request is it
 * @example
 * when(/no such page/, call('search', { query: 'fees' }))
 */
export function when(
  expected: RegExp | ((request: ChatRequest) => boolean),
  step: ScriptStep,
): ScriptFunction {
  return (request, number) => {
    const isIt =
      typeof expected === 'function'
        ? expected(request)
        : expected.test(JSON.stringify(request.transcript.at(-1) ?? null))
    if (!isIt) throw new UnexpectedRequest(expected)
    return typeof step === 'function' ? step(request, number) : step
  }
}

/** Thrown by a step that does not fit its request: its model says the rest. */
export class UnexpectedRequest extends ModelError {
  constructor(expected: RegExp | ((request: ChatRequest) => boolean)) {
    super('script', typeof expected === 'function' ? 'what its "when" says' : `${expected}`, {
      retryable: false,
    })
  }
}
