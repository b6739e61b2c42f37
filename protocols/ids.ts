/**
 * The names things are known by. Ids are branded, so that a peer is never passed where a run is meant, and each
 * is safe as a token of a NATS subject and as a file name.
 */
import { z } from 'zod'

const TOKEN = /^[a-z0-9][a-z0-9_-]{0,62}$/
const token = z
  .string()
  .regex(TOKEN, 'must be 1 to 63 of a-z, 0-9, "-" and "_", and begin with a letter or digit')

/** What a peer can do: `planner`, `researcher`. */
export const roleNameSchema = token.brand<'RoleName'>()
export type RoleName = z.infer<typeof roleNameSchema>

/** A durable identity: `researcher-1`. */
export const peerIdSchema = token.brand<'PeerId'>()
export type PeerId = z.infer<typeof peerIdSchema>

/** One goal and everything it causes. */
export const runIdSchema = token.brand<'RunId'>()
export type RunId = z.infer<typeof runIdSchema>

/** `<run>/<name>`: one instance of a role's machine, for one piece of work. The sender chooses it. */
export const conversationIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}\/[a-z0-9][a-z0-9_-]{0,62}$/, 'must be "<run>/<name>"')
  .brand<'ConversationId'>()
export type ConversationId = z.infer<typeof conversationIdSchema>

/** `<sender's conversation>><addressee's conversation>#<number>`, numbered from 1 for each such pair. */
export const messageIdSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,62}\/[a-z0-9][a-z0-9_-]{0,62}>[a-z0-9][a-z0-9_-]{0,62}\/[a-z0-9][a-z0-9_-]{0,62}#[1-9][0-9]{0,14}$/,
    'must be "<from>><to>#<number>"',
  )
  .brand<'MessageId'>()
export type MessageId = z.infer<typeof messageIdSchema>

/** SHA-256 of a blob's bytes, in lower-case hex. */
export const blobHashSchema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
  .brand<'BlobHash'>()
export type BlobHash = z.infer<typeof blobHashSchema>

export const roleName = (text: string): RoleName => roleNameSchema.parse(text)
export const peerId = (text: string): PeerId => peerIdSchema.parse(text)
export const runId = (text: string): RunId => runIdSchema.parse(text)

/** The conversation `name` of `run`. */
export const conversationId = (run: RunId, name: string): ConversationId =>
  conversationIdSchema.parse(`${run}/${name}`)

/** The run that a conversation belongs to. */
export const runOf = (conversation: ConversationId): RunId =>
  conversation.slice(0, conversation.indexOf('/')) as RunId

/** What a conversation is called inside its run. */
export const nameOf = (conversation: ConversationId): string =>
  conversation.slice(conversation.indexOf('/') + 1)

/** The `number`-th message from one conversation to another. */
export const messageId = (from: ConversationId, to: ConversationId, number: number): MessageId =>
  `${from}>${to}#${number}` as MessageId

/** The parts of a message id. */
export function partsOf(id: MessageId): { from: ConversationId; to: ConversationId; number: number } {
  const arrow = id.indexOf('>')
  const hash = id.lastIndexOf('#')
  return {
    from: id.slice(0, arrow) as ConversationId,
    to: id.slice(arrow + 1, hash) as ConversationId,
    number: Number(id.slice(hash + 1)),
  }
}
