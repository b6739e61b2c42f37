/** What can be said of prompts without a model: how long they are, and that they name what there is. */
import { describe, expect, it } from 'vitest'
import { loadActors } from '../../actors/catalogue.ts'
import { type PromptCost, promptCosts } from '../../src/flock/prompt-cost.ts'

/**
 * Tokens by o200k_base of all that is sent of a role in each call. What was counted when this was written, and a few
 * sentences: whoever needs more raises it knowingly.
 */
const LIMITS: Readonly<Record<string, number>> = {
  planner: 2_100,
  researcher: 1_000,
  coder: 2_550,
  reviewer: 1_950,
  supervisor: 700,
  solo: 3_650,
}

type Schema = Readonly<Record<string, unknown>>

const roles = await loadActors()
const costs = new Map((await promptCosts(roles)).map((cost) => [cost.role, cost]))
const cases = roles.map((role) => [role.name, role, costs.get(role.name)!] as const)

const schemasIn = ({ parts }: PromptCost): { name: string; strict: boolean; schema: Schema }[] =>
  parts.flatMap(({ kind, name, content }) => {
    if (kind === 'system') return []
    const { function: tool, json_schema: answer } = content as Record<string, Record<string, unknown>>
    const { strict, parameters, schema } = { ...tool, ...answer }
    return [{ name, strict: strict as boolean, schema: (parameters ?? schema) as Schema }]
  })

/** Paths of the fields of a schema that say nothing of themselves, nor are one fixed value or a list of values. */
function silentFields(schema: Schema, path: string): string[] {
  const {
    properties = {},
    items,
    anyOf = [],
  } = schema as {
    properties?: Record<string, Schema>
    items?: Schema
    anyOf?: Schema[]
  }
  const fields = Object.entries(properties).flatMap(([name, field]) => [
    ...(saysSomething(field) ? [] : [`${path}.${name}`]),
    ...silentFields(field, `${path}.${name}`),
  ])
  const inner = [...(items ? [items] : []), ...anyOf]
  return [...fields, ...inner.flatMap((one) => silentFields(one, path))]
}

/** A list of objects is said by their fields. */
const saysSomething = (field: Schema): boolean =>
  ['description', 'const', 'enum'].some((keyword) => keyword in field) ||
  (field.items as Schema | undefined)?.type === 'object'

describe.each(cases)('the prompt of the %s', (name, role, cost) => {
  it('is no longer than it was meant to be', () => {
    expect(cost.tokens).toBeLessThanOrEqual(LIMITS[name]!)
  })

  it('says first who it is, and names no tool and no peer that it does not have', () => {
    expect(role.instructions.startsWith(`You are ${name === 'solo' ? '' : 'the '}${name}`)).toBe(true)
    const tools = cost.parts.flatMap(({ kind, name: tool }) => (kind === 'tool' ? [tool] : []))
    const named = role.instructions.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []
    expect(named.filter((word) => !tools.includes(word))).toEqual([])
  })

  it('names no field of a message or an answer that there is not', () => {
    const known = JSON.stringify([cost.parts, role.accepts.map(({ body }) => body.toJSONSchema())])
    const quoted = [...role.instructions.matchAll(/"([a-z]+(?:[A-Z][a-z]+)*)"/g)].map(([, word]) => word!)
    expect(quoted.filter((word) => !known.includes(`"${word}"`))).toEqual([])
  })

  it('has only schemas that an endpoint can hold its model to', () => {
    expect(schemasIn(cost).filter(({ strict }) => !strict)).toEqual([])
  })

  it('says of each field of its answer what belongs there', () => {
    const answers = schemasIn(cost).filter((_, index, all) => index === all.length - 1)
    expect(answers.flatMap((answer) => silentFields(answer.schema, answer.name))).toEqual([])
  })
})
