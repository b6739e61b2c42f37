/**
 * What is said, put into the form that is asked for. The rules know what they mean; a schema may ask for more (as real
 * ones do, from one version of a role to the next), and gets the emptiest thing that it allows.
 */
export type Schema = Readonly<Record<string, unknown>>

/** The value, with nothing that the schema does not know and with all that it requires. */
export function fitted(schema: Schema, value: unknown): unknown {
  const branches = schema.anyOf as readonly Schema[] | undefined
  if (branches !== undefined) return fitted(branches.find((one) => takes(one, value)) ?? branches[0]!, value)
  if ('const' in schema) return schema.const
  const types = [schema.type].flat()
  if (value === undefined || value === null) return emptiest(schema, types)
  if (types.includes('array') && Array.isArray(value)) {
    return value.map((item) => fitted((schema.items ?? {}) as Schema, item))
  }
  if (!types.includes('object') || typeof value !== 'object') return value
  const given = value as Schema
  const required = (schema.required ?? []) as readonly string[]
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>)
  return Object.fromEntries(
    properties
      .filter(([name]) => given[name] !== undefined || required.includes(name))
      .map(([name, property]) => [name, fitted(property, given[name])]),
  )
}

function emptiest(schema: Schema, types: readonly unknown[]): unknown {
  if (types.includes('null')) return null
  if (types.includes('object')) return fitted(schema, {})
  if (types.includes('array')) return []
  if (types.includes('boolean')) return false
  if (types.includes('integer') || types.includes('number')) return 0
  return (schema.enum as readonly unknown[] | undefined)?.[0] ?? ''
}

/** Whether a branch is the one that the value was meant for, by its kind and by what tells it from its siblings. */
function takes(schema: Schema, value: unknown): boolean {
  const types = [schema.type].flat()
  if (value === undefined || value === null) return types.includes('null')
  if (Array.isArray(value)) return types.includes('array')
  if (typeof value !== 'object') return types.includes(typeof value) || types.includes('integer')
  if (!types.includes('object')) return false
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>)
  return properties.every(
    ([name, property]) => !('const' in property) || property.const === (value as Schema)[name],
  )
}
