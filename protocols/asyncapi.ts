/**
 * The protocols as one AsyncAPI 3.0 document, from where a peer stands: it sends and receives every message. It
 * describes what is on the wire; which role says what is the business of the roles.
 */
import type { MessageDefinition, Protocol } from './define.ts'
import { deadLetterSchema, envelopeSchema } from './describe.ts'
import { HEADER } from './envelope.ts'
import { InvalidError } from './errors.ts'
import { failure } from './failure.ts'
import { bodySchemas, schemaName } from './json-schema.ts'
import { PRESENCE_SUBJECT, presence } from './presence.ts'

const FAILURE = failure.messages.failure.type

/** Subjects of the types that are signals. All others are mail. */
const SIGNALS = new Map<string, string>(
  Object.entries(PRESENCE_SUBJECT).map(([name, subject]) => [
    presence.messages[name as keyof typeof PRESENCE_SUBJECT].type,
    subject,
  ]),
)

/**
 * Describes protocols, mailboxes and signals.
 *
 * @param options.version of the document, a semantic version
 * @param options.serverUrl where NATS listens; what else is in it, such as a password, is left out
 * @throws InvalidError `invalid.server-url`
 */
export function toAsyncApi(
  protocols: readonly Protocol[],
  options: { readonly version: string; readonly serverUrl?: string },
): object {
  const definitions = protocols.flatMap((protocol) => Object.values(protocol.messages))
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'skein',
      version: options.version,
      license: { name: 'Apache-2.0' },
      description: `Messages between peers that run LLM agents. Bodies are JSON; everything else is in headers, whose names are matched without regard to case. Whoever expects an answer gets exactly one, of a type that \`x-answered-by\` names.`,
    },
    defaultContentType: 'application/json',
    servers: { nats: server(options.serverUrl ?? 'nats://localhost:4222') },
    channels: { ...mailboxes(definitions), ...signals(definitions) },
    operations: Object.fromEntries([
      ...definitions.flatMap((definition) => operations(definition, definitions)),
      ...sendAndReceive('deadLetter', 'deadLetters'),
    ]),
    components: {
      messages: {
        ...Object.fromEntries(definitions.map((one) => [schemaName(one), message(one)])),
        deadLetter: {
          title: 'A message that could not be dealt with',
          payload: ref('components/schemas/deadLetter'),
        },
      },
      schemas: {
        ...bodySchemas(protocols, 'draft-07', '#/components/schemas'),
        envelope: envelopeSchema(),
        deadLetter: deadLetterSchema(),
      },
    },
  }
}

const ref = (pointer: string) => ({ $ref: `#/${pointer}` })

function server(url: string): object {
  const full = url.includes('://') ? url : `nats://${url}`
  const host = URL.canParse(full) ? new URL(full).host : ''
  // The error does not quote the URL: it may hold a password.
  if (host === '')
    throw new InvalidError('server-url', 'the URL of the NATS server has no host: use nats://host:port')
  return { host, protocol: 'nats', description: 'NATS with JetStream, 2.9.4 or newer.' }
}

function mailboxes(definitions: readonly MessageDefinition[]): Record<string, object> {
  const messages = messageRefs(definitions.filter(({ type }) => !SIGNALS.has(type)))
  return {
    roleMailbox: {
      address: 'skein.mail.role.{role}',
      description:
        'Work for any peer of a role, stored until one of them acknowledges it. Used wherever the sender does not know the peer.',
      parameters: {
        role: {
          description: 'The role addressed.',
          examples: ['planner', 'coder'],
          location: `$message.header#/${HEADER.to}`,
        },
      },
      messages,
    },
    peerMailbox: {
      address: 'skein.mail.peer.{peer}',
      description: 'Mail for one peer, stored until it acknowledges it. Answers come here.',
      parameters: { peer: { description: 'The peer addressed.', examples: ['coder-1'] } },
      messages,
    },
    deadLetters: {
      // The last token ends every key of a record (see `src/bus/nats/key-space.ts`).
      address: 'skein.record.dead.{run}.{digest}.$',
      description:
        'What could not be dealt with: one stored record for each message, which nobody reads by himself. It is kept until people drop it, or the run is cleaned up.',
      parameters: {
        run: {
          description: 'The run that the message says it belongs to, or `none`.',
          examples: ['r1', 'none'],
        },
        digest: {
          description: 'The first 16 hex digits of a SHA-256 of the message.',
          examples: ['0af7651916cd43dd'],
        },
      },
      messages: { deadLetter: ref('components/messages/deadLetter') },
    },
  }
}

/** A channel for each signal, so that the subject alone says what a body is. */
function signals(definitions: readonly MessageDefinition[]): Record<string, object> {
  const heard = [...SIGNALS].map(([type, subject]) => ({
    subject,
    messages: messageRefs(definitions.filter((definition) => definition.type === type)),
  }))
  return Object.fromEntries(
    heard
      .filter(({ messages }) => Object.keys(messages).length > 0)
      .map(({ subject, messages }) => [
        subject,
        {
          address: `skein.signal.${subject}`,
          description: 'Heard at most once, by whoever listens.',
          messages,
        },
      ]),
  )
}

const messageRefs = (definitions: readonly MessageDefinition[]): Record<string, object> =>
  Object.fromEntries(
    definitions.map((one) => [schemaName(one), ref(`components/messages/${schemaName(one)}`)]),
  )

/** Mail is shown where it mostly goes: what asks in the mailbox of a role, all else in that of a peer. */
function operations(
  definition: MessageDefinition,
  definitions: readonly MessageDefinition[],
): [string, object][] {
  const name = schemaName(definition)
  const signal = SIGNALS.get(definition.type)
  if (signal !== undefined) return sendAndReceive(name, signal)
  if (definition.answeredBy.length === 0) return sendAndReceive(name, 'peerMailbox')
  const answers = definitions.filter((other) => mayAnswer(other, definition)).map(schemaName)
  return sendAndReceive(name, 'roleMailbox', {
    channel: ref('channels/peerMailbox'),
    messages: answers.map((answer) => ref(`channels/peerMailbox/messages/${answer}`)),
  })
}

function sendAndReceive(name: string, channel: string, reply?: object): [string, object][] {
  const messages = [ref(`channels/${channel}/messages/${name}`)]
  return ['send', 'receive'].map((action) => [
    `${action}.${name}`,
    { action, channel: ref(`channels/${channel}`), messages, ...(reply && { reply }) },
  ])
}

/** Versions of one protocol do not mix; of another protocol any version may answer. */
const mayAnswer = (answer: MessageDefinition, request: MessageDefinition): boolean =>
  answer.type === FAILURE ||
  (request.answeredBy.includes(answer.type) &&
    (answer.protocol !== request.protocol || answer.version === request.version))

function message(definition: MessageDefinition): object {
  const { type, protocol, version, answeredBy } = definition
  return {
    name: type,
    title: `${type}, version ${version}`,
    tags: [{ name: protocol }],
    payload: ref(`components/schemas/${schemaName(definition)}`),
    ...(!SIGNALS.has(type) && {
      headers: {
        type: 'object',
        allOf: [ref('components/schemas/envelope')],
        properties: { [HEADER.type]: { const: type }, [HEADER.version]: { const: String(version) } },
      },
      correlationId: { location: `$message.header#/${HEADER.correlation}` },
    }),
    ...(answeredBy.length > 0 && { 'x-answered-by': [...answeredBy, FAILURE] }),
  }
}
