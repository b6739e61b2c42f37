/**
 * The body of a message from words of a command line: as they stand, where the message has one text that must be
 * there, or as JSON. What is left open is null, or empty.
 */
import { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { issuesOf } from '../../protocols/parse.ts'
import { CliError } from './error.ts'

type Field = {
  readonly type?: unknown
  readonly enum?: unknown
  readonly const?: unknown
  readonly anyOf?: unknown
}

/** @throws CliError `cli.body` */
export function bodyOf({ type, body }: MessageDefinition, words: string, json?: string): unknown {
  const written = json === undefined ? fromWords(type, body, words) : fromJson(json)
  const parsed = body.safeParse(written)
  if (parsed.success) return written
  throw new CliError('body', `${type}: ${issuesOf(parsed.error)}: it is ${shapeOf(fieldsOf(body))}`)
}

function fromJson(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new CliError('body', `--body is no JSON: ${(cause as Error).message}`, { cause })
  }
}

function fromWords(type: string, body: z.ZodType, words: string): Record<string, unknown> {
  const fields = fieldsOf(body)
  const texts = [...fields].filter(([, field]) => isText(field)).map(([name]) => name)
  const others = [...fields].filter(([, field]) => !isText(field))
  const isOpen = others.every(([, field]) => openValue(field) !== undefined)
  const [name] = texts
  if (name === undefined || texts.length > 1 || !isOpen)
    throw new CliError(
      'body',
      `"${type}" is more than one text: write it as JSON, --body '${shapeOf(fields)}'`,
    )
  if (words === '') throw new CliError('body', `"${type}" needs its ${name}: write it behind the role`)
  return { ...Object.fromEntries(others.map(([name, field]) => [name, openValue(field)])), [name]: words }
}

/** The fields that must be there. */
function fieldsOf(body: z.ZodType): ReadonlyMap<string, Field> {
  const { properties = {}, required = [] } = z.toJSONSchema(body, {
    io: 'input',
    unrepresentable: 'any',
  }) as {
    properties?: Record<string, Field>
    required?: string[]
  }
  return new Map(required.map((name) => [name, properties[name] ?? {}]))
}

const isText = ({ type, enum: choices, const: one }: Field) =>
  type === 'string' && choices === undefined && one === undefined

/** What says nothing, where the field may: undefined where it may not. */
function openValue({ type, anyOf }: Field): null | readonly [] | undefined {
  const ways = Array.isArray(anyOf) ? (anyOf as Field[]) : [{ type }]
  if (ways.some((way) => way.type === 'null' || (Array.isArray(way.type) && way.type.includes('null'))))
    return null
  return type === 'array' ? [] : undefined
}

const shapeOf = (fields: ReadonlyMap<string, Field>): string =>
  `{ ${[...fields].map(([name, { type }]) => `"${name}": ${typeof type === 'string' ? type : '…'}`).join(', ')} }`
