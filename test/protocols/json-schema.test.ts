import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { peerIdSchema } from '../../protocols/ids.ts'
import { schemaName, toJsonSchema } from '../../protocols/json-schema.ts'
import { referencesIn, resolve } from './references.ts'
import { protocols, samples } from './samples.ts'

type Document = { readonly $schema: string; readonly $defs: Record<string, Record<string, unknown>> }

const generate = (...args: Parameters<typeof toJsonSchema>) => toJsonSchema(...args) as Document
const definitions = protocols.flatMap((protocol) => Object.values(protocol.messages))

function ajvWith(document: Document): Ajv2020 {
  return new Ajv2020({ allErrors: true }).addVocabulary(['x-type', 'x-version']).addSchema(document, 'skein')
}

describe('toJsonSchema', () => {
  const document = generate(protocols)
  const ajv = ajvWith(document)

  it('is a valid JSON Schema of draft 2020-12', () => {
    expect(document.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(ajv.validateSchema(document)).toBe(true)
  })

  it('holds every message with its title, type and version', () => {
    expect(Object.keys(document.$defs)).toEqual(definitions.map(schemaName))
    for (const definition of definitions) {
      expect(document.$defs[schemaName(definition)]).toMatchObject({
        title: `${definition.type}, version ${definition.version}`,
        'x-type': definition.type,
        'x-version': definition.version,
      })
    }
  })

  it('resolves every reference within itself', () => {
    const references = referencesIn(document)
    expect(references).not.toEqual([])
    for (const reference of references) expect(resolve(document, reference), reference).toBeTypeOf('object')
  })

  it.each(definitions)('agrees with zod about $type', (definition) => {
    const validate = ajv.getSchema(`skein#/$defs/${schemaName(definition)}`)!
    const { good, bad } = samples[definition.type]!
    for (const body of good) {
      expect(definition.body.safeParse(body).success).toBe(true)
      expect(validate(body), JSON.stringify(validate.errors)).toBe(true)
    }
    for (const body of bad) {
      expect(definition.body.safeParse(body).success).toBe(false)
      expect(validate(body), JSON.stringify(body)).toBe(false)
    }
  })

  it('allows fields that a newer peer may add', () => {
    const validate = ajv.getSchema('skein#/$defs/presence.gone.v1')!
    expect(validate({ peer: 'coder-1', why: 'lunch' })).toBe(true)
  })

  it('keeps what the authors said about a field', () => {
    expect(document.$defs['task.request.v1']).toMatchObject({
      properties: { instructions: { description: 'what to do, for the peer that does it' } },
    })
  })

  it('shows a branded id as the text it is', () => {
    const { $defs } = generate([defineProtocol('wave', 1, { hello: z.object({ peer: peerIdSchema }) })])
    expect($defs['wave.hello.v1']).toMatchObject({
      properties: { peer: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' } },
    })
  })

  it('asks for what may be sent, not for what defaults make of it', () => {
    const { $defs } = generate([
      defineProtocol('wave', 1, { hello: z.object({ times: z.int().default(1) }) }),
    ])
    expect($defs['wave.hello.v1']).not.toHaveProperty('required')
  })

  it('keeps versions of one protocol apart, also when they share a body', () => {
    const body = z.object({ name: z.string() })
    const { $defs } = generate([
      defineProtocol('wave', 1, { hello: body, goodbye: body }),
      defineProtocol('wave', 2, { hello: body }),
    ])
    expect(Object.keys($defs)).toEqual(['wave.hello.v1', 'wave.goodbye.v1', 'wave.hello.v2'])
    expect($defs['wave.hello.v2']).toMatchObject({ 'x-version': 2, required: ['name'] })
  })

  it('moves the references of a recursive body along with it', () => {
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree)
      },
    })
    const made = generate([defineProtocol('forest', 1, { plant: tree })])
    const validate = ajvWith(made).getSchema('skein#/$defs/forest.plant.v1')!
    expect(validate({ name: 'oak', children: [{ name: 'twig', children: [] }] })).toBe(true)
    expect(validate({ name: 'oak', children: [{ name: 'twig' }] })).toBe(false)
  })
})
