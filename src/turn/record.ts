/**
 * The record of a conversation: everything a turn needs and everything it leaves behind. One record is one commit;
 * the journal of records is the history of the conversation, and the source of traces, costs and progress.
 *
 * A conversation with nothing to host (no effect, timer, awaited answer or outbox entry) is *parked*: it has no owner,
 * and whoever of its role takes its next message goes on with it.
 */
import { z } from 'zod'
import { addressSchema, senderSchema, stopSchema } from '../../protocols/address.ts'
import type { Message } from '../../protocols/envelope.ts'
import { InvalidError } from '../../protocols/errors.ts'
import { failureKindSchema } from '../../protocols/failure.ts'
import {
  blobHashSchema,
  type ConversationId,
  conversationIdSchema,
  messageIdSchema,
  nameOf,
  peerIdSchema,
  type RunId,
  roleNameSchema,
  runIdSchema,
  runOf,
} from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import type { Span } from '../../traces/span.ts'
import { seenSchema } from './seen.ts'
import { sharing, withParts } from './shared-parts.ts'
import { mailboxSchema, viaSchema } from './way.ts'

const json = z.custom<unknown>(() => true)
const milliseconds = z.number()
const event = z.looseObject({ type: z.string() })

/** Written by `encodeRecord` from a message that was parsed; the codec parses it again before it leaves. */
const messageSchema = z.custom<Message>(
  (value) => typeof value === 'object' && value !== null && 'id' in value,
)
const spanSchema = z.custom<Span>((value) => typeof value === 'object' && value !== null && 'spanId' in value)

/** A message to send, with its mailbox fixed by the turn: publishing it again never chooses another one. */
const outboxEntrySchema = z.object({
  mailbox: mailboxSchema,
  /** What it passes through first, where it does not go to that mailbox at once. */
  via: viaSchema.optional(),
  message: messageSchema,
})

/** An effect in flight. Its outcome reaches the machine only while its name stands here. */
const effectSchema = z.object({
  /** `<turn>.<position>`: unique within the conversation. */
  name: z.string(),
  /** XState's invoke id, which comes back on re-entry. */
  invoke: z.string(),
  src: z.string(),
  input: json,
  /** What starts in its place once it has ended well, with what came of it in its input as `said`. */
  next: z.object({ src: z.string(), input: json }).optional(),
  /** When its turn was taken. */
  startedAt: milliseconds,
  /** 1 for the first; raised each time a host has to start it again. */
  attempt: z.number().int().positive(),
  spanId: z.string(),
  /** Span of the takeover that started it again. */
  resumedBy: z.string().optional(),
  /** Span of the turn that asked for it. */
  parentSpanId: z.string(),
})

/** A delayed event. `id` is XState's, where the machine gave one: by it the timer is cancelled or replaced. */
const timerSchema = z.object({ name: z.string(), id: z.string().nullable(), event, dueAt: milliseconds })

const limitsSchema = z.object({ deadline: milliseconds, hops: z.number().int().min(0) })

/** A message taken that still owes its answer. */
const requestSchema = z.object({
  id: messageIdSchema,
  type: z.string(),
  from: senderSchema,
  slip: z.array(stopSchema),
  answeredBy: z.array(z.string()),
})

/** An event that the state did not take, kept for one that does; and what taking it brings with it. */
const deferredSchema = z.object({
  event,
  /** Null for an answer, and for a failure that the host itself says. */
  request: requestSchema.nullable(),
  limits: limitsSchema.nullable(),
})

/** A message sent that an answer must come to, or a failure at `dueAt`. */
const awaitingSchema = z.object({
  id: messageIdSchema,
  type: z.string(),
  /** Types that may answer it, besides a failure. */
  answeredBy: z.array(z.string()),
  to: addressSchema,
  dueAt: milliseconds,
})

const effectErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean().optional(),
  retryAfterMs: z.number().min(0).optional(),
})

const tokens = z.number().min(0).nullable()
const callSchema = z.object({
  model: z.string(),
  inputTokens: tokens,
  outputTokens: tokens,
  promptBytes: z.number().int().min(0),
  peerBytes: z.number().int().min(0),
  prompt: blobHashSchema.optional(),
})

/**
 * What a turn took. A message stands in the outbox of who sent it; with that, and the record before, the turn can be
 * taken again.
 */
const takenSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message') }),
  z.object({
    kind: z.literal('outcome'),
    result: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), output: json }),
      z.object({ ok: z.literal(false), error: effectErrorSchema }),
    ]),
    usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).optional(),
  }),
  z.object({ kind: z.literal('timer'), timer: z.string() }),
  z.object({ kind: z.literal('overdue'), message: messageIdSchema, isNobodyThere: z.boolean() }),
  z.object({ kind: z.literal('given-up'), failure: failureKindSchema, reason: z.string() }),
  z.object({ kind: z.literal('unsent'), reason: z.string() }),
])

const snapshotSchema = z.object({ status: z.string(), value: json, context: json, historyValue: json })

export const recordSchema = z.object({
  format: z.literal(1),
  conversation: conversationIdSchema,
  run: runIdSchema,
  role: roleNameSchema,
  machine: z.object({ name: z.string(), version: z.number().int() }),
  owner: peerIdSchema.nullable(),
  /** Epoch of the owner's lease when it was committed. */
  epoch: z.number().int().min(0),
  /** 1 for the turn that opened the conversation. */
  turn: z.number().int().positive(),
  /** Tells a commit of one's own from somebody else's when no answer came. */
  nonce: z.string(),
  /** `closed`: a tombstone, kept until its run is over. */
  phase: z.enum(['open', 'closed']),
  snapshot: snapshotSchema.nullable(),
  /** What the machine ended with. */
  output: json,
  /** Why it was closed, where its machine did not end by itself. */
  problem: z.string().nullable(),
  seen: seenSchema,
  deferred: z.array(deferredSchema),
  outbox: z.array(outboxEntrySchema),
  effects: z.array(effectSchema),
  timers: z.array(timerSchema),
  requests: z.array(requestSchema),
  awaiting: z.array(awaitingSchema),
  /** How many messages went to each conversation. */
  sent: z.record(z.string(), z.number().int().positive()),
  /** What messages sent from here inherit. */
  limits: limitsSchema,
  stake: z.string(),
  trace: z.object({
    traceId: z.string(),
    /** Span of the conversation, `invoke_agent`. */
    spanId: z.string(),
    parentSpanId: z.string().nullable(),
    startedAt: milliseconds,
    sampled: z.boolean(),
  }),
  /** Spans that this commit owes: whoever hosts the conversation emits them. */
  spans: z.array(spanSchema),
  usage: z.object({
    calls: z.number().int().min(0),
    inputTokens: z.number().min(0),
    outputTokens: z.number().min(0),
    tools: z.number().int().min(0),
  }),
  /** Who committed it, and when by that host's clock. */
  by: z.object({ peer: peerIdSchema, host: z.string(), pid: z.number().int() }),
  at: milliseconds,
  /** What the turn did, for people: the event, and the state it went from and to. */
  took: z.object({
    event: z.string(),
    from: z.string(),
    to: z.string(),
    /** The message or the effect that it took; absent for a timer and for what the host does by itself. */
    id: z.string().optional(),
    /** Absent in records of before it was kept, and for what the host does by itself. */
    input: takenSchema.optional(),
    /** Messages of the turn before that full mailboxes refused: their stake came back. */
    unsent: z.array(messageIdSchema).optional(),
    /** Its host failed the conversation, instead of asking its machine: `problem` says why. */
    isStopped: z.literal(true).optional(),
    /** A limit that kept the turn from sending something. */
    limit: z.enum(['hops', 'messages']).optional(),
    /** Messages that the topology kept it from sending, and why. */
    barred: z.array(z.object({ id: messageIdSchema, reason: z.string() })).optional(),
    /** Of the outcome of a call to a model. */
    call: callSchema.optional(),
  }),
})

export type ConversationRecord = z.infer<typeof recordSchema>
export type OutboxEntry = z.infer<typeof outboxEntrySchema>
export type Effect = z.infer<typeof effectSchema>
export type Timer = z.infer<typeof timerSchema>
export type Request = z.infer<typeof requestSchema>
export type Deferred = z.infer<typeof deferredSchema>
export type Taken = z.infer<typeof takenSchema>
export type Awaiting = z.infer<typeof awaitingSchema>

/** Key of a conversation's journal; a run's conversations have the prefix `conversation.<run>`. */
export const recordKey = (conversation: ConversationId) =>
  `conversation.${runOf(conversation)}.${nameOf(conversation)}`
export const runPrefix = (run: RunId) => `conversation.${run}`

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * A large record is written as of format 2: what stands in it more than once is in `parts`, after all else
 * (`shared-parts.ts`). Both are read; in memory there is only the first.
 */
export function encodeRecord(record: ConversationRecord): Uint8Array {
  const json = JSON.stringify(record)
  const shared = json.startsWith(FORMAT_1) ? sharing(record, json) : undefined
  if (shared === undefined) return encoder.encode(json)
  const rest = shared.json.replace(FORMAT_1, FORMAT_2).slice(0, -1)
  return encoder.encode(`${rest},"parts":[${shared.parts.join(',')}]}`)
}

const [FORMAT_1, FORMAT_2] = ['{"format":1,', '{"format":2,']

/** The record as it was written, not looked at yet. @throws SyntaxError, RangeError */
export function recordJson(bytes: Uint8Array): unknown {
  const json = JSON.parse(decoder.decode(bytes))
  if (json?.format !== 2 || !Array.isArray(json.parts)) return json
  const { parts, ...rest } = json
  return withParts({ ...rest, format: 1 }, parts)
}

/** @throws InvalidError `invalid.record` */
export function decodeRecord(bytes: Uint8Array): ConversationRecord {
  const what = 'the record of a conversation'
  let json: unknown
  try {
    json = recordJson(bytes)
  } catch (cause) {
    throw new InvalidError('record', `${what} is no JSON`, { cause })
  }
  return parseAs(recordSchema, json, 'record', what)
}

/** Whether it goes on by itself: something comes due or to an end. One that only waits to be spoken to is idle. */
export const isActive = ({ effects, timers, awaiting }: ConversationRecord): boolean =>
  effects.length > 0 || timers.length > 0 || awaiting.length > 0

/** Whether somebody has to host it: nobody need be alive for a conversation that only waits to be spoken to. */
export function needsHost(record: ConversationRecord): boolean {
  return record.outbox.length > 0 || isActive(record)
}

/** Undefined for what another version, or a stranger, wrote: it is left to those who can read it. */
export function readableRecord(bytes: Uint8Array): ConversationRecord | undefined {
  try {
    return decodeRecord(bytes)
  } catch (error) {
    if (error instanceof InvalidError) return undefined
    throw error
  }
}
