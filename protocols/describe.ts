/** The headers of the wire, described for those who write or read them without this code. */
import { z } from 'zod'
import { HEADER } from './envelope.ts'
import { messageIdSchema, roleNameSchema, runIdSchema } from './ids.ts'

const digits = z.string().regex(/^[0-9]{1,16}$/)

const HEADERS = {
  id: messageIdSchema.describe(
    'The message, as <from>><to>#<number>: the conversation it comes from, the one it goes to, and its number between the two. A message may arrive twice; its id tells.',
  ),
  type: z.string().describe('Type of the message.'),
  version: digits.describe('Version of the protocol that the type belongs to.'),
  from: z
    .string()
    .regex(/^[^/]+\/[^/]+$/)
    .describe('Who sent it, as <role>/<peer>.'),
  to: roleNameSchema.describe('The role addressed.'),
  run: runIdSchema.describe('The run it belongs to, as both conversations of its id do.'),
  correlation: messageIdSchema.optional().describe('The message that this one answers.'),
  slip: z
    .string()
    .optional()
    .describe(
      'Where an answer goes: a JSON array of {role, conversation, peer?, correlation?}. Absent: to the peer that sent this.',
    ),
  deadline: digits.describe('When the sender stops waiting, in milliseconds since 1970.'),
  hops: digits.describe('How many more messages this one may cause in a row.'),
  stake: z
    .string()
    .regex(/^[0-9a-f]+p[0-9]{1,6}$/)
    .describe(
      'The share of the run that travels with the message: <numerator in hex>p<exponent>, numerator / 2^exponent.',
    ),
  sentAt: digits.describe("When it was sent, in milliseconds since 1970 by the sender's clock."),
  traceparent: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .describe('W3C trace context.'),
  tracestate: z.string().optional().describe('W3C trace state.'),
  reason: z.string().describe('On dead letters only: why it could not be delivered.'),
} satisfies Record<keyof typeof HEADER, z.ZodType>

/** Headers of a message, as JSON Schema draft-07. */
export function envelopeSchema(): object {
  const { reason: _, ...headers } = HEADERS
  return schemaOf(headers, 'Headers of a message. Their values are text.')
}

/** Headers of a dead letter: those of the message as they came, and why it is dead. */
export function deadEnvelopeSchema(): object {
  return schemaOf({ reason: HEADERS.reason }, 'Headers of a message as they came, and the reason.')
}

function schemaOf(headers: Partial<Record<keyof typeof HEADER, z.ZodType>>, description: string): object {
  const shape = Object.entries(headers).map(([key, schema]) => [HEADER[key as keyof typeof HEADER], schema])
  const { $schema: _, ...schema } = z.toJSONSchema(z.object(Object.fromEntries(shape)), {
    io: 'input',
    target: 'draft-07',
  })
  return { ...schema, description }
}
