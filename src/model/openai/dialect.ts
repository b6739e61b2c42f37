/**
 * What of the protocol a model of an endpoint understands. It is found out by its refusals: whoever is refused for
 * what he sent leaves that out, once, and remembers it. Each step takes something away, so there is an end to them.
 */

/**
 * Where the schema of the answers is told: as `response_format` with the schema, as one that only asks for JSON, or
 * not at all; where it is not enforced it stands in the instructions.
 */
export type AnswersIn = 'response_format' | 'json_object' | 'instructions'

export type Dialect = {
  readonly answersIn: AnswersIn
  /** The same beside tools. */
  readonly answersBesideTools: AnswersIn
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens'
  /** Schemas may be marked as strict. */
  readonly strict: boolean
  /** Neighbouring messages of the user are one, and the instructions are the beginning of the first. */
  readonly system: 'message' | 'merged'
  /** Parameters that are left out. */
  readonly without: ReadonlySet<string>
}

/** What is left out where it is refused. */
const OPTIONAL = [
  ...['temperature', 'top_p', 'seed', 'stop', 'reasoning_effort', 'parallel_tool_calls', 'stream_options'],
  ...['max_completion_tokens', 'max_tokens'],
]

/** Endpoints that let a model call tools although a `response_format` is asked for. */
const OPENAI = /(^|\.)(openai\.com|azure\.com|openrouter\.ai)$/

/**
 * What to begin with. Newer models of OpenAI refuse `max_tokens`; many compatible endpoints ignore or refuse the other
 * name. And where a server holds the model to a schema, it keeps it from calling tools (vllm-project/vllm#39929,
 * ollama/ollama-python#546), or refuses both together (llama.cpp).
 */
export function firstDialect(baseUrl: string, answersIn?: AnswersIn): Dialect {
  const isOpenai = OPENAI.test(new URL(baseUrl).hostname)
  return {
    answersIn: answersIn ?? 'response_format',
    answersBesideTools: answersIn ?? (isOpenai ? 'response_format' : 'instructions'),
    outputLimit: isOpenai ? 'max_completion_tokens' : 'max_tokens',
    strict: true,
    system: 'message',
    without: new Set(),
  }
}

/** What an endpoint said when it refused a request with status 400, 422 or 500. */
export type Refusal = { readonly code: string; readonly param: string; readonly message: string }

/** Ways to say that something is not known or not taken, whatever its value. */
const UNSUPPORTED =
  /not (be )?(supported|permitted|allowed|implemented|available|enabled|recogni[sz]ed)|un(supported|recogni[sz]ed|known|expected)|extra_forbidden|does(n't| not) support|only the default/i

type Step = { readonly dialect: Dialect; readonly change: string }

/** @param sent the body that was refused. @returns the dialect to try instead, or undefined where nothing is to blame */
export function adapted(
  dialect: Dialect,
  { code, param, message }: Refusal,
  sent: Readonly<Record<string, unknown>>,
): Step | undefined {
  const told = `${code} ${param} ${message}`
  const names = (word: string) => new RegExp(`(^|[^a-z_])${word}([^a-z_]|$)`).test(told)
  const change = (changes: Partial<Dialect>, said: string): Step => ({
    dialect: { ...dialect, ...changes },
    change: said,
  })

  const format = formatStep(dialect, told, sent)
  if (format !== undefined) return change(format.changes, format.change)
  if (dialect.system === 'message' && ROLES.test(message)) {
    return change({ system: 'merged' }, 'tells the instructions with the first message')
  }
  const isSchema = code === 'invalid_function_parameters'
  if (!isSchema && !UNSUPPORTED.test(told)) return undefined
  if (dialect.strict && (isSchema || names('strict'))) {
    return change({ strict: false }, 'asks for no strict schemas')
  }
  const limit = dialect.outputLimit
  const other = limit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  // The refusal of one may name the other as its better.
  if (sent[limit] !== undefined && names(limit) && !dialect.without.has(other)) {
    const without = new Set([...dialect.without, limit])
    return change({ outputLimit: other, without }, `says ${other} for ${limit}`)
  }
  const refused = OPTIONAL.find((name) => sent[name] !== undefined && names(name))
  if (refused === undefined) return undefined
  return change({ without: new Set([...dialect.without, refused]) }, `leaves ${refused} out`)
}

/** A template that takes no system message (Gemma), or no two messages of the user in a row (Mistral, Gemma). */
const ROLES = /system role not supported|roles must alternate|only user and assistant roles/i

/** Ways to speak of a format that was asked for: as field, as its kind, or as the grammar that servers make of it. */
const FORMAT =
  /response_format|json_schema|json_object|json mode|json_validate|structured output|guided|grammar/i

function formatStep(
  dialect: Dialect,
  told: string,
  sent: Readonly<Record<string, unknown>>,
): { readonly changes: Partial<Dialect>; readonly change: string } | undefined {
  if (sent.response_format === undefined || !FORMAT.test(told)) return undefined
  const hasTools = sent.tools !== undefined
  if (hasTools && /\btools?\b|function calling/i.test(told)) {
    const change = 'tells the schema of answers in the instructions beside tools'
    return { changes: { answersBesideTools: 'instructions' }, change }
  }
  if (dialect.strict && /invalid schema|invalid_json_schema|\bstrict\b/i.test(told)) {
    return { changes: { strict: false }, change: 'asks for no strict schemas' }
  }
  const now = hasTools ? dialect.answersBesideTools : dialect.answersIn
  const next = now === 'response_format' ? 'json_object' : 'instructions'
  const change = next === 'json_object' ? 'asks for JSON without a schema' : 'asks for no response_format'
  // What is refused beside tools is refused without them as well, unless they were named.
  return {
    changes: { answersIn: next, answersBesideTools: hasTools ? next : dialect.answersBesideTools },
    change,
  }
}
