/**
 * What a model is told by one request, read as a conversation: what it heard from peers, what it called and what came
 * of it, what it said. Everything is taken from the request; nothing is kept between two of them.
 */
import type { StubRequestBody } from '../model/openai-stub.ts'
import type { Schema } from './schema.ts'

export type Happening =
  | { readonly kind: 'heard'; readonly type: string; readonly body: unknown }
  /** Said to it by whoever runs it, not by a peer: that its last reply was of no use, say. */
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'called'; readonly call: Called }
  | { readonly kind: 'said'; readonly text: string }

export type Called = {
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  /** As JSON where it is JSON, else the text. */
  readonly output: unknown
  /** Its text, where the tool refused or failed. */
  readonly error: string | undefined
}

/** What kind of answer is wanted, by the properties of its schema. */
export type Wanted = 'plan' | 'findings' | 'work' | 'verdict'

export type Chat = {
  readonly wanted: Wanted
  /** Schema of the answer; empty where none is told. */
  readonly answer: Schema
  readonly tools: ReadonlyMap<string, Schema>
  readonly happened: readonly Happening[]
}

/** @throws Error where no answer of a kind that the rules know is asked for */
export function readChat({ messages, tools = [], response_format }: StubRequestBody): Chat {
  const results = new Map(messages.map(({ tool_call_id, content }) => [tool_call_id, content ?? '']))
  const happened = messages.flatMap(({ role, content, tool_calls = [] }): Happening[] => {
    if (role === 'user') return [readUser(content ?? '')]
    if (role !== 'assistant') return []
    if (tool_calls.length === 0) return [{ kind: 'said', text: content ?? '' }]
    return tool_calls.map(({ id, function: { name, arguments: input } }) => ({
      kind: 'called',
      call: readCall(name, input, results.get(id) ?? ''),
    }))
  })
  const answer = response_format?.json_schema?.schema ?? schemaIn(messages)
  return {
    wanted: wantedBy(answer),
    answer,
    tools: new Map(tools.map((tool) => [tool.function.name, tool.function.parameters])),
    happened,
  }
}

/** The schema of the answer as instructions tell it, to endpoints of which not all take one beside tools: on a line. */
function schemaIn(messages: StubRequestBody['messages']): Schema {
  const lines = messages
    .filter(({ role }) => role === 'system')
    .flatMap(({ content }) => content?.split('\n') ?? [])
  const schemas = lines.map(parsed).filter((one) => (one as Schema | null)?.properties !== undefined)
  return (schemas.at(-1) ?? {}) as Schema
}

const FROM_A_PEER = /^\[([\w.-]+) from [^\]]+\]\n/

function readUser(content: string): Happening {
  const header = FROM_A_PEER.exec(content)
  if (header === null) return { kind: 'told', text: content }
  return { kind: 'heard', type: header[1]!, body: parsed(content.slice(header[0].length)) }
}

function readCall(tool: string, input: string, result: string): Called {
  const output = parsed(result)
  const failed = typeof output !== 'object' || output === null || 'error' in output
  return { tool, input: parsed(input) as Called['input'], output, error: failed ? result : undefined }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function wantedBy(answer: Schema): Wanted {
  const names = Object.keys(answer.properties ?? {})
  if (names.includes('tasks')) return 'plan'
  if (names.includes('approved')) return 'verdict'
  if (names.includes('changed')) return 'work'
  if (JSON.stringify(answer).includes('"findings"')) return 'findings'
  throw new Error(`the rules know no answer with ${names.join(', ') || 'no schema'}`)
}

/** Bodies of the messages of a type, oldest first. */
export const heard = <Body>({ happened }: Chat, type: string): Body[] =>
  happened.flatMap((one) => (one.kind === 'heard' && one.type === type ? [one.body as Body] : []))

/** What was called, oldest first; of one tool, where one is named. */
export const calls = ({ happened }: Chat, tool?: string): Called[] =>
  happened.flatMap((one) =>
    one.kind === 'called' && (tool === undefined || one.call.tool === tool) ? [one.call] : [],
  )

/** Whether it was told that its last reply was of no use. */
export const corrected = ({ happened }: Chat): boolean => happened.at(-1)?.kind === 'told'

/** The chat from the last message of any of these types on: what belongs to an earlier one is over. */
export function since(chat: Chat, ...types: readonly string[]): Chat {
  const { happened } = chat
  const begin = happened.findLastIndex((one) => one.kind === 'heard' && types.includes(one.type))
  return { ...chat, happened: happened.slice(Math.max(0, begin)) }
}

/** The calls of the last reply that called anything, as long as nothing was heard since. */
export function latest({ happened }: Chat): Called | undefined {
  const last = happened.at(-1)
  return last?.kind === 'called' ? last.call : undefined
}
