/** What the types of a protocol promise. Checked by `tsc`; nothing here runs. */
import { z } from 'zod'
import { defineProtocol, type MessageOf } from '../../protocols/define.ts'
import type { failure } from '../../protocols/failure.ts'
import {
  type ConversationId,
  conversationId,
  type PeerId,
  peerId,
  type RunId,
  runId,
} from '../../protocols/ids.ts'
import type { Incoming, Outgoing } from '../../src/turn/behaviour.ts'
import { type Equal, holds } from './holds.ts'

const greeting = defineProtocol(
  'greeting',
  1,
  { hello: z.object({ name: z.string() }), welcome: z.object({ seats: z.number().optional() }) },
  { hello: ['welcome'] },
)
const { hello, welcome } = greeting.messages

// A message is named after its protocol, and one that is named like its protocol by that name alone.
holds<Equal<typeof hello.type, 'greeting.hello'>>()
holds<Equal<typeof failure.messages.failure.type, 'failure'>>()
holds<Equal<typeof greeting.name, 'greeting'>>()

// Bodies are inferred from their schemas, and a union of definitions is a union of messages.
holds<Equal<MessageOf<typeof hello>, { readonly type: 'greeting.hello'; readonly body: { name: string } }>>()
holds<Equal<MessageOf<typeof hello | typeof welcome>['type'], 'greeting.hello' | 'greeting.welcome'>>()
holds<Equal<Outgoing<typeof welcome>['body'], { seats?: number | undefined }>>()
holds<Equal<Incoming<typeof hello>['from']['peer'], PeerId>>()

// @ts-expect-error a message that the protocol does not have
greeting.messages.farewell

// @ts-expect-error answers to a message that the protocol does not have
defineProtocol('greeting', 1, { hello: z.object({}) }, { farewell: ['hello'] })

// @ts-expect-error a body is a schema
defineProtocol('greeting', 1, { hello: { name: 'string' } })

// Ids are no strings, and no ids of another kind.
const run: RunId = runId('r1')
const conversation: ConversationId = conversationId(run, 'x')
// @ts-expect-error a string is no peer
const peer: PeerId = 'worker-1'
// @ts-expect-error a peer is no run
conversationId(peerId('worker-1'), 'x')
// @ts-expect-error a conversation is no peer
const other: PeerId = conversation

export { other, peer }
