/**
 * The part of JSON Schema that endpoints enforce while the model writes ("strict"). A schema is brought into it where
 * that only narrows it, or where the caller checks what is lost: bounds become words, `oneOf` becomes `anyOf`, an
 * object that says nothing about further properties is closed. What was asked for is still checked by the caller.
 */
import type { JsonSchema } from '../model.ts'

/** Bounds that some strict endpoints refuse. The model is told them in the description. */
const BOUNDS = new Set([
  ...['minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum'],
  ...['exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'default'],
])
/** About the schema, and nothing to the model. */
const METADATA = /^(\$schema|\$id|\$comment|x-.*)$/
const STRICT = new Set([
  ...['type', 'enum', 'const', 'title', 'description', 'properties', 'required', 'additionalProperties'],
  ...['items', 'anyOf', '$ref', '$defs'],
])

/** The schema in its strict form, or undefined where it has none: an optional property, a record, a tuple, `allOf`. */
export function strictSchema(schema: JsonSchema): JsonSchema | undefined {
  const strict = rewrite(schema)
  return strict.type === 'object' && strict.anyOf === undefined && isStrict(strict) ? strict : undefined
}

function rewrite(schema: JsonSchema): JsonSchema {
  // Keywords beside a reference are refused.
  if (schema.$ref !== undefined && schema.$defs === undefined) return { $ref: schema.$ref }
  const strict: JsonSchema = {}
  const bounds: string[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    if (METADATA.test(keyword) || (BOUNDS.has(keyword) && isImplied(value))) continue
    if (BOUNDS.has(keyword)) bounds.push(`${keyword} ${JSON.stringify(value)}`)
    else if (keyword === 'properties' || keyword === '$defs') strict[keyword] = mapValues(value, rewrite)
    else if (keyword === 'anyOf' || keyword === 'oneOf') strict.anyOf = (value as JsonSchema[]).map(rewrite)
    else if (keyword === 'items') strict.items = rewrite(value as JsonSchema)
    else strict[keyword] = value
  }
  if (bounds.length > 0) {
    strict.description = [schema.description, `(${bounds.join(', ')})`].filter(Boolean).join(' ')
  }
  if (isObject(strict)) strict.additionalProperties ??= false
  return strict
}

/** Zod bounds every integer by what a double holds. */
const isImplied = (value: unknown) => typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER

function isStrict(schema: JsonSchema): boolean {
  if (!Object.keys(schema).every((keyword) => STRICT.has(keyword))) return false
  if (schema.$ref !== undefined) return /^#(\/\$defs\/[^/]+)?$/.test(String(schema.$ref))
  if (isObject(schema) && !isClosed(schema)) return false
  const says = schema.type ?? schema.anyOf ?? schema.enum ?? schema.const
  return says !== undefined && childrenOf(schema).every(isStrict)
}

const isObject = (schema: JsonSchema) => [schema.type].flat().includes('object')

/** Every property is required, and there are no others. */
function isClosed(schema: JsonSchema): boolean {
  const required = (schema.required ?? []) as string[]
  const names = Object.keys((schema.properties ?? {}) as object)
  return schema.additionalProperties === false && names.every((name) => required.includes(name))
}

function childrenOf(schema: JsonSchema): JsonSchema[] {
  return [
    ...Object.values((schema.properties ?? {}) as Record<string, JsonSchema>),
    ...Object.values((schema.$defs ?? {}) as Record<string, JsonSchema>),
    ...((schema.anyOf ?? []) as JsonSchema[]),
    ...(schema.items === undefined ? [] : [schema.items as JsonSchema]),
  ]
}

function mapValues(schemas: unknown, change: (schema: JsonSchema) => JsonSchema): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(schemas as Record<string, JsonSchema>).map(([name, schema]) => [name, change(schema)]),
  )
}
