/**
 * What the model may answer, as one schema, and the way back from its text to an answer. A schema's root must be an
 * object: one answer type with an object for its body is asked for as it is, everything else inside
 * `{ "answer": { "type": …, "body": … } }`.
 */
import { z } from 'zod'
import type { AnswerSchema, JsonSchema } from '../model.ts'
import { quote } from './quote.ts'
import { strictSchema } from './strict.ts'

export type AnswerFormat = {
  /** The name that goes with the schema, `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string
  readonly schema: JsonSchema
  readonly strict: boolean
  /** The answer in a reply's text, or what is wrong with it, in words that tell the model what to do. */
  read(text: string): { readonly type: string; readonly body: unknown } | { readonly problem: string }
}

export function answerFormat(answers: readonly AnswerSchema[]): AnswerFormat {
  const [only] = answers
  const bare = answers.length === 1 && only?.body.type === 'object' ? only : undefined
  const schema = bare ? { description: bare.description, ...bare.body } : wrapperSchema(answers)
  const strict = strictSchema(schema)
  const types = answers.map((answer) => answer.type)

  return {
    name: bare ? nameOf(bare.type) : 'answer',
    schema: strict ?? schema,
    strict: strict !== undefined,
    read(text) {
      const said = parseJson(text)
      if (said === undefined) {
        return { problem: `the answer must be one JSON object and nothing else, and it was ${quote(text)}` }
      }
      if (bare) return { type: bare.type, body: said.json }
      const wrapped = wrapperOf(said.json)
      if (wrapped && types.includes(wrapped.type)) return { type: wrapped.type, body: wrapped.body }
      const form = `{"answer":{"type":…,"body":…}} with the type ${types.map((type) => `"${type}"`).join(' or ')}`
      return { problem: `the answer must be ${form}, and it was ${quote(text)}` }
    },
  }
}

function wrapperSchema(answers: readonly AnswerSchema[]): JsonSchema {
  const $defs: Record<string, unknown> = {}
  const anyOf = answers.map((answer) => ({
    type: 'object',
    description: answer.description,
    properties: { type: { type: 'string', const: answer.type }, body: embed(answer, $defs) },
    required: ['type', 'body'],
    additionalProperties: false,
  }))
  return {
    type: 'object',
    properties: { answer: { anyOf } },
    required: ['answer'],
    additionalProperties: false,
    ...(Object.keys($defs).length > 0 && { $defs }),
  }
}

/** A body moved away from the root: a reference may point only at the root's definitions, so they move there. */
function embed(answer: AnswerSchema, $defs: Record<string, unknown>): JsonSchema {
  const name = nameOf(answer.type)
  const { $schema: _, $defs: own = {}, ...body } = answer.body
  const moved = moveReferences(body, name)
  for (const [key, definition] of Object.entries(own as object)) {
    $defs[`${name}_${key}`] = moveReferences(definition, name)
  }
  if (JSON.stringify([moved, $defs]).includes(`"#/$defs/${name}"`)) $defs[name] = moved
  return moved
}

function moveReferences<Node>(node: Node, name: string): Node {
  const moved: unknown = JSON.parse(JSON.stringify(node), (key, value) => {
    if (key !== '$ref' || typeof value !== 'string') return value
    return value === '#' ? `#/$defs/${name}` : value.replace(/^#\/\$defs\//, `$&${name}_`)
  })
  return moved as Node
}

const nameOf = (type: string) => type.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)

/** The JSON in a text: alone, in a fence of Markdown, or an object with words around it, where nothing enforces a schema. */
function parseJson(text: string): { readonly json: unknown } | undefined {
  const fenced = /```(?:json|JSON)?[^\S\n]*\n([\s\S]*)\n\s*```/.exec(text)
  const from = text.indexOf('{')
  const to = text.lastIndexOf('}')
  for (const part of [text, fenced?.[1], from < 0 ? undefined : text.slice(from, to + 1)]) {
    if (part === undefined) continue
    try {
      return { json: JSON.parse(part) }
    } catch {}
  }
  return undefined
}

const answerSchema = z.object({ type: z.string(), body: z.unknown() })
const wrappedSchema = z.object({ answer: answerSchema })

/** Endpoints that do not enforce the schema tend to leave out its outermost object. */
function wrapperOf(json: unknown): z.infer<typeof answerSchema> | undefined {
  const wrapped = wrappedSchema.safeParse(json)
  return wrapped.success ? wrapped.data.answer : answerSchema.safeParse(json).data
}
