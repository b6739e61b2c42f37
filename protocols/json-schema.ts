/**
 * The bodies of messages as JSON Schema, for those who join in without this code. A schema says what may be sent
 * (zod's input side); fields it does not name are allowed, and whoever reads the message drops them.
 */
import { z } from 'zod'
import type { MessageDefinition, Protocol } from './define.ts'

/** One JSON Schema 2020-12 document: under `$defs` the body of each message, by `schemaName`. */
export function toJsonSchema(protocols: readonly Protocol[]): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Messages of skein',
    description: 'Bodies of messages. "#/$defs/<type>.v<version>" is the schema of one.',
    $defs: bodySchemas(protocols, 'draft-2020-12', '#/$defs'),
  }
}

/** `task.request.v1`: the name of a message's schema, the same in every document and safe in a JSON pointer. */
export const schemaName = (definition: MessageDefinition): string =>
  `${definition.type}.v${definition.version}`

/** The schemas of all bodies by `schemaName`, as they stand at `place`, a JSON pointer into a larger document. */
export function bodySchemas(
  protocols: readonly Protocol[],
  target: 'draft-2020-12' | 'draft-07',
  place: string,
): Record<string, object> {
  const definitions = protocols.flatMap((protocol) => Object.values(protocol.messages))
  return Object.fromEntries(
    definitions.map((definition) => {
      const name = schemaName(definition)
      const { $schema: _, ...body } = z.toJSONSchema(definition.body, { io: 'input', target })
      const titled = {
        title: `${definition.type}, version ${definition.version}`,
        'x-type': definition.type,
        'x-version': definition.version,
        ...body,
      }
      return [name, moved(titled, `${place}/${name}`)]
    }),
  )
}

/** A schema that was a document and now is a part of one: its references begin at `place` instead of at the root. */
function moved(schema: object, place: string): object {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#', place) : value,
  )
}
