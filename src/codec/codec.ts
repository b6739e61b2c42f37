/**
 * The trust boundary: messages to frames and back, parsed on both sides. What does not parse never reaches a
 * machine; as much of the envelope as can be read is kept, so that the sender can be told.
 */
import { z } from 'zod'
import { passageSchema, senderSchema, stopSchema } from '../../protocols/address.ts'
import { type Envelope, HEADER, type Message } from '../../protocols/envelope.ts'
import { InvalidError, SkeinError } from '../../protocols/errors.ts'
import {
  messageIdSchema,
  partsOf,
  peerIdSchema,
  roleNameSchema,
  runIdSchema,
  runOf,
} from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import type { Registry } from '../../protocols/registry.ts'
import type { Frame } from '../bus/frame.ts'

export interface Codec {
  /** @throws InvalidError `invalid.body` naming the fields: the sender's own mistake */
  encode(message: Message): Frame
  /** @throws UndeliverableError */
  decode(frame: Frame): Message
}

/** A frame that cannot be handed to a machine. `envelope` holds what could be read of it. */
export class UndeliverableError extends SkeinError {
  readonly envelope: Envelope | undefined

  constructor(cause: SkeinError, envelope: Envelope | undefined) {
    super(cause.code, cause.message, { cause })
    this.envelope = envelope
  }
}

const whole = z
  .string()
  .regex(/^[0-9]{1,16}$/, 'must be a whole number')
  .transform(Number)
  .refine(Number.isSafeInteger, 'must be a whole number below 2^53')

const headersSchema = z.object({
  [HEADER.id]: messageIdSchema,
  [HEADER.type]: z.string().min(1),
  [HEADER.version]: whole,
  [HEADER.from]: z
    .string()
    .regex(/^[^/]+\/[^/]+$/, 'must be "<role>/<peer>"')
    .transform((text) => text.split('/') as [string, string])
    .pipe(z.tuple([roleNameSchema, peerIdSchema])),
  [HEADER.to]: roleNameSchema,
  [HEADER.run]: runIdSchema,
  [HEADER.correlation]: messageIdSchema.optional(),
  [HEADER.slip]: jsonOf(z.array(stopSchema)).default([]),
  [HEADER.deadline]: whole,
  [HEADER.hops]: whole,
  [HEADER.stake]: z.string().regex(/^[0-9a-f]+p[0-9]{1,6}$/, 'must be "<numerator>p<exponent>"'),
  [HEADER.sentAt]: whole,
  [HEADER.traceparent]: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, 'must be a W3C traceparent'),
  [HEADER.tracestate]: z.string().optional(),
  [HEADER.trail]: jsonOf(z.array(passageSchema)).optional(),
})

const NAMES = Object.keys(headersSchema.shape)
const text = new TextDecoder('utf-8', { fatal: true })
const bytes = new TextEncoder()

export function createCodec(registry: Registry): Codec {
  return {
    encode(message) {
      const { body, ...envelope } = message
      const parsed = parseAs(
        registry.find(message.type, message.version).body,
        body,
        'body',
        `the body of "${message.type}"`,
      )
      const headers = toHeaders(envelope)
      fromHeaders(headers)
      return { headers, body: bytes.encode(JSON.stringify(parsed)) }
    },
    decode(frame) {
      let envelope: Envelope | undefined
      try {
        envelope = fromHeaders(frame.headers)
        const definition = registry.find(envelope.type, envelope.version)
        return {
          ...envelope,
          body: parseAs(definition.body, toJson(frame.body), 'body', `the body of "${envelope.type}"`),
        }
      } catch (error) {
        if (error instanceof SkeinError) throw new UndeliverableError(error, envelope)
        // Nested too deeply, say: whatever a parse dies of, the message is to blame.
        const reason = new InvalidError('body', `the message cannot be read: ${(error as Error).message}`, {
          cause: error,
        })
        throw new UndeliverableError(reason, envelope)
      }
    },
  }
}

function toHeaders(envelope: Envelope): Record<string, string> {
  return {
    [HEADER.id]: envelope.id,
    [HEADER.type]: envelope.type,
    [HEADER.version]: String(envelope.version),
    [HEADER.from]: `${envelope.from.role}/${envelope.from.peer}`,
    [HEADER.to]: envelope.to.role,
    [HEADER.run]: envelope.run,
    ...(envelope.correlation && { [HEADER.correlation]: envelope.correlation }),
    ...(envelope.slip.length > 0 && { [HEADER.slip]: JSON.stringify(envelope.slip) }),
    [HEADER.deadline]: String(envelope.deadline),
    [HEADER.hops]: String(envelope.hops),
    [HEADER.stake]: envelope.stake,
    [HEADER.sentAt]: String(envelope.sentAt),
    [HEADER.traceparent]: envelope.traceparent,
    ...(envelope.tracestate && { [HEADER.tracestate]: envelope.tracestate }),
    ...(envelope.trail && { [HEADER.trail]: JSON.stringify(envelope.trail) }),
  }
}

function fromHeaders(raw: Frame['headers']): Envelope {
  const lower = new Map(Object.entries(raw).map(([name, value]) => [name.toLowerCase(), value]))
  const headers = parseAs(
    headersSchema,
    Object.fromEntries(NAMES.map((name) => [name, lower.get(name.toLowerCase())])),
    'headers',
    'the envelope of a message',
  )
  const id = headers[HEADER.id]
  const { from, to } = partsOf(id)
  const run = headers[HEADER.run]
  if (runOf(from) !== run || runOf(to) !== run) {
    throw new InvalidError('headers', `message "${id}" says it belongs to run "${run}"`)
  }
  const [role, peer] = headers[HEADER.from]
  const correlation = headers[HEADER.correlation]
  const named = [
    ...headers[HEADER.slip].flatMap((stop) => [
      stop.conversation,
      ...(stop.correlation ? [partsOf(stop.correlation).from] : []),
    ]),
    ...(correlation ? [partsOf(correlation).from] : []),
  ]
  const stray = named.find((conversation) => runOf(conversation) !== run)
  if (stray !== undefined)
    throw new InvalidError('headers', `message "${id}" of run "${run}" names "${stray}", of another run`)
  const tracestate = headers[HEADER.tracestate]
  const trail = headers[HEADER.trail]
  return {
    id,
    type: headers[HEADER.type],
    version: headers[HEADER.version],
    from: senderSchema.parse({ role, peer, conversation: from }),
    to: { role: headers[HEADER.to], conversation: to },
    run,
    ...(correlation && { correlation }),
    slip: headers[HEADER.slip],
    deadline: headers[HEADER.deadline],
    hops: headers[HEADER.hops],
    stake: headers[HEADER.stake],
    sentAt: headers[HEADER.sentAt],
    traceparent: headers[HEADER.traceparent],
    ...(tracestate && { tracestate }),
    ...(trail && { trail }),
  }
}

function toJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(text.decode(body))
  } catch (cause) {
    throw new InvalidError('json', `the body is not JSON in UTF-8: ${(cause as Error).message}`, { cause })
  }
}

function jsonOf<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' })
        return z.NEVER
      }
    })
    .pipe(schema)
}
