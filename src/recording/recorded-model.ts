/**
 * A model that answers as it did before: the same prompt gets the same reply, and a prompt that was not recorded gets
 * an error that says what is different in it.
 */
import { isDeepStrictEqual } from 'node:util'
import { digestOf } from '../../traces/digest.ts'
import { type ChatReply, type ChatRequest, chunksOf, type Model, ModelError } from '../model/model.ts'
import type { EffectError } from '../turn/effects.ts'
import { changeOfPrompt, type Prompt } from './prompt-changes.ts'
import { recordedPrompts } from './recorded-prompts.ts'
import type { Recording } from './recording.ts'

export type RecordedCall = Prompt & {
  readonly role: string
  readonly result:
    | { readonly ok: true; readonly reply: ChatReply }
    | { readonly ok: false; readonly error: EffectError }
}

export const RECORDED_PROVIDER = 'skein.recorded'

/** The calls to a model that a recording holds, in the order in which they were answered. */
export function callsOf(recording: Recording): RecordedCall[] {
  const promptOf = recordedPrompts(recording)
  return recording.turns.flatMap(({ role, asked, input }) => {
    if (asked?.kind !== 'chat' || input.kind !== 'outcome') return []
    const { result } = input
    return [
      {
        ...{ role, ...promptOf(asked) },
        result: result.ok
          ? { ok: true as const, reply: result.output as ChatReply }
          : { ok: false as const, error: result.error as EffectError },
      },
    ]
  })
}

/**
 * Calls with the same prompt are answered in their order, and the last of them again and again.
 * @example
 * const model = recordedModel({ name: recording.header.model, calls: callsOf(recording) })
 */
export function recordedModel(options: {
  readonly name: string
  readonly calls: readonly RecordedCall[]
}): Model {
  const { name, calls } = options
  const used = new Set<RecordedCall>()

  function callFor(request: ChatRequest): RecordedCall {
    const same = calls.filter((call) => fits(call, request))
    const call = same.find((one) => !used.has(one)) ?? same.at(-1)
    if (call === undefined) throw notRecorded(request, calls)
    used.add(call)
    return call
  }

  return {
    provider: RECORDED_PROVIDER,
    name,
    async *stream(request, { signal }) {
      signal.throwIfAborted()
      const { result } = callFor(request)
      if (!result.ok) throw asModelError(result.error)
      for (const chunk of chunksOf(result.reply)) {
        signal.throwIfAborted()
        yield chunk
      }
      signal.throwIfAborted()
    },
  }
}

const promptOf = ({ role, instructions, tools, answers, transcript }: ChatRequest) => ({
  parts: { role, instructions, tools, answers },
  transcript,
})

function fits(call: RecordedCall, request: ChatRequest): boolean {
  const { parts, transcript } = promptOf(request)
  if (call.role !== request.role || digestOf(call.transcript) !== digestOf(transcript)) return false
  if (call.parts === undefined) return true
  const { parameters: _, ...recorded } = call.parts
  return isDeepStrictEqual(plain(recorded), plain(parts))
}

function notRecorded(request: ChatRequest, calls: readonly RecordedCall[]): ModelError {
  const of = calls.filter(({ role }) => role === request.role)
  const { parts, transcript } = promptOf(request)
  const nearest = of.toSorted((a, b) => shared(b, request) - shared(a, request))[0]
  const why =
    nearest === undefined
      ? `no call of "${request.role}" was recorded`
      : changeOfPrompt(`a call of ${request.role}`, nearest, {
          parts: { ...parts, parameters: nearest.parts?.parameters ?? {} },
          transcript,
        })?.message
  return new ModelError('not-recorded', why ?? 'it was not recorded', { retryable: false })
}

/** Entries at the beginning that are the same. */
function shared({ transcript }: RecordedCall, request: ChatRequest): number {
  const at = transcript.findIndex((entry, index) => digestOf(entry) !== digestOf(request.transcript[index]))
  return at === -1 ? transcript.length : at
}

function asModelError({ code, message, retryable = false }: EffectError): ModelError {
  return new ModelError(code.replace(/^model\./, ''), message, { retryable })
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
