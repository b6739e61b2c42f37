/** What is on the wire beside the bodies, described for those who write or read it without this code. */
import { z } from 'zod'
import { HEADER } from './envelope.ts'
import { messageIdSchema, peerIdSchema, roleNameSchema, runIdSchema } from './ids.ts'

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
  route: z
    .string()
    .regex(/^(role|peer|desk)\.[a-z0-9][a-z0-9_-]{0,62}$/)
    .optional()
    .describe('Only while others pass it on, by the topology of the run: the mailbox that it shall end in.'),
  trail: z
    .string()
    .optional()
    .describe(
      'Who passed it on, oldest first: a JSON array of {peer, role, host, pid, takenAt, sentAt}. Absent: it came straight.',
    ),
  barred: z
    .string()
    .optional()
    .describe('Why somebody on the way did not pass it on, URI-encoded: its addressee tells its sender.'),
} satisfies Record<keyof typeof HEADER, z.ZodType>

const DEAD_LETTER = z.object({
  format: z.literal(1),
  reason: z.string().describe('Why it could not be dealt with, for people.'),
  mailbox: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('role'), role: roleNameSchema }),
      z.object({ kind: z.literal('peer'), peer: peerIdSchema }),
      z.object({ kind: z.literal('desk'), peer: peerIdSchema }),
    ])
    .describe('Where it was read.'),
  by: peerIdSchema.describe('The peer that gave it up.'),
  at: z.number().describe("When that was, in milliseconds since 1970 by the peer's clock."),
  headers: z.record(z.string(), z.string()).describe('Its headers as they came.'),
  body: z.string().nullable().describe('Its body in base64; null where it was too large to be kept.'),
})

/** Headers of a message, as JSON Schema draft-07. */
export function envelopeSchema(): object {
  const shape = Object.entries(HEADERS).map(([key, schema]) => [HEADER[key as keyof typeof HEADER], schema])
  return schemaOf(z.object(Object.fromEntries(shape)), 'Headers of a message. Their values are text.')
}

/** A dead letter, as JSON Schema draft-07. */
export const deadLetterSchema = (): object =>
  schemaOf(DEAD_LETTER, 'A message that could not be dealt with, and why.')

function schemaOf(described: z.ZodType, description: string): object {
  const { $schema: _, ...schema } = z.toJSONSchema(described, { io: 'input', target: 'draft-07' })
  return { ...schema, description }
}
