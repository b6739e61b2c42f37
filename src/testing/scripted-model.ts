/** A model that says what a test wrote down, and keeps what it was asked. */
import { type ChatChunk, type ChatRequest, type Model, ModelError } from '../model/model.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import { type Script, type ScriptedReply, type ScriptStep, UnexpectedRequest } from './script.ts'

/** `gen_ai.provider.name` of what a test wrote. */
export const SCRIPTED_PROVIDER = 'skein.scripted'

export interface ScriptedModel extends Model {
  /** What it was asked, oldest first. */
  readonly requests: readonly ChatRequest[]
  requestsOf(role: string): readonly ChatRequest[]
  /** Steps that nobody asked for yet, by role; under `*` those of a script for all. */
  left(): Readonly<Record<string, number>>
  /** Where a request did not fit the script, the first time. */
  problem(): ModelError | undefined
  /** The same model, by another clock. A mesh takes it with its own. */
  by(clock: Clock): Model
}

/** Under this name a script is every role's that has none of its own. */
const ALL = '*'

/**
 * @param script for all roles, or by role; `*` for those that are not named. Steps of a list are said in the order in
 * which they are asked for: where several conversations of a role ask at the same time, take a function.
 * @throws ModelError `model.script`, by the stream, where a request does not fit the script or there is no step left
 * @example
 * scriptedModel([call('search', { query: 'fees' }), answer(answers, { answer: 'Guests pay 8.' })])
 * scriptedModel({ clerk: [answer('split', { lookups: ['fees'] })], reader: ({ transcript }) => … })
 */
export function scriptedModel(
  script: Script | Readonly<Record<string, Script>>,
  options: { readonly clock?: Clock } = {},
): ScriptedModel {
  const scripts: Readonly<Record<string, Script>> =
    Array.isArray(script) || typeof script === 'function'
      ? { [ALL]: script as Script }
      : (script as Readonly<Record<string, Script>>)
  const requests: ChatRequest[] = []
  const said = new Map<string, number>()
  let problem: ModelError | undefined

  function misfit(request: ChatRequest, what: string): ModelError {
    const error = new ModelError('script', `${what}\n${asked(request)}`, { retryable: false })
    problem ??= error
    return error
  }

  /** The reply to a request. Its step is taken here and now, whatever becomes of the call. */
  async function take(request: ChatRequest): Promise<ScriptedReply> {
    const key = Object.hasOwn(scripts, request.role) ? request.role : ALL
    const steps = scripts[key]
    const number = (said.get(key) ?? 0) + 1
    said.set(key, number)
    if (steps === undefined)
      throw misfit(
        request,
        `the script says nothing for the role "${request.role}": it has ${Object.keys(scripts).join(', ') || 'no role'}. Add the role, or "*" for all`,
      )
    const step: ScriptStep | undefined = typeof steps === 'function' ? steps : steps[number - 1]
    if (step === undefined)
      throw misfit(
        request,
        `the script${key === ALL ? '' : ` of "${key}"`} has ${counted(steps.length)}, and "${request.role}" asks for another. Add one, or see why it goes on`,
      )
    if (typeof step !== 'function') return step
    try {
      return await step(request, number)
    } catch (error) {
      if (error instanceof UnexpectedRequest)
        throw misfit(request, `step ${number} of the script expects ${error.message}`)
      if (error instanceof ModelError) throw error
      throw misfit(request, `step ${number} of the script threw ${String(error)}`)
    }
  }

  const by = (clock: Clock): Model => ({
    provider: SCRIPTED_PROVIDER,
    name: 'script',
    async *stream(request, { signal }): AsyncIterable<ChatChunk> {
      signal.throwIfAborted()
      const number = requests.push(request)
      const { text, calls = [], answer, failure, delayMs, usage, finish } = await take(request)
      if (delayMs !== undefined) await sleep(clock, delayMs, signal)
      signal.throwIfAborted()
      if (text !== undefined) yield { kind: 'text', text }
      if (failure !== undefined) throw failure
      for (const [index, { tool, input }] of calls.entries()) {
        signal.throwIfAborted()
        yield { kind: 'call', call: { id: `call-${number}-${index + 1}`, tool, input } }
      }
      signal.throwIfAborted()
      if (answer !== undefined) yield { kind: 'answer', ...answer }
      signal.throwIfAborted()
      const end = finish ?? (calls.length > 0 ? 'tool_calls' : 'stop')
      yield { kind: 'end', finish: end, model: 'script', ...(usage && { usage }) }
    },
  })

  return {
    ...by(options.clock ?? systemClock()),
    requests,
    requestsOf: (role) => requests.filter((request) => request.role === role),
    left: () =>
      Object.fromEntries(
        Object.entries(scripts).flatMap(([key, steps]) => {
          const left = typeof steps === 'function' ? 0 : Math.max(0, steps.length - (said.get(key) ?? 0))
          return left > 0 ? [[key, left]] : []
        }),
      ),
    problem: () => problem,
    by,
  }
}

const counted = (steps: number) => (steps === 1 ? '1 step' : `${steps} steps`)

/** Characters of an entry that are shown. */
const SHOWN = 300

/** A request for people: what it may do, and the end of what happened so far. */
function asked({ role, transcript, tools, answers }: ChatRequest): string {
  const last = transcript.slice(-3).map((entry) => {
    const text = JSON.stringify(entry)
    return `  ${text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text}`
  })
  const before = transcript.length - last.length
  return [
    `"${role}" was asked, after ${before > 0 ? `${before} entries and these` : 'this'}:`,
    ...last,
    `It may call ${tools.map(({ name }) => name).join(', ') || 'no tool'}, and end with ${answers.map(({ type }) => type).join(', ')}.`,
  ].join('\n')
}
