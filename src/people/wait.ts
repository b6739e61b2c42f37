/**
 * A wait for a person, as a record on the bus: who wants what, since when, until when, and what was decided. Its name
 * follows from the conversation and the effect, so that it is the same for every attempt and every process. Key
 * `person.<run>.<id>`.
 *
 * P1 A wait is decided once: by compare-and-set on the record that has no decision yet.
 * P2 What is decided stands before anything follows from it.
 * P3 What a person is shown of a call stands before they can decide it, and never changes (`shown`).
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { SkeinError } from '../../protocols/errors.ts'
import {
  blobHashSchema,
  type ConversationId,
  conversationIdSchema,
  peerIdSchema,
  type RunId,
  roleNameSchema,
  runIdSchema,
} from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import type { RecordEntry, Records } from '../bus/records.ts'

const decisionSchema = z.object({
  /** `unanswered`: the time was up. */
  verdict: z.enum(['approve', 'deny', 'answer', 'unanswered']),
  /** Who decided, as they call themselves; the peer that waited, where nobody did. */
  by: z.string(),
  /** The answer, a reason, or a note. */
  text: z.string().nullable(),
  at: z.number(),
  /** Tells a decision of one's own from somebody else's where no answer came. */
  nonce: z.string(),
})
export type Decision = z.infer<typeof decisionSchema>

const waitSchema = z.object({
  format: z.literal(1),
  run: runIdSchema,
  conversation: conversationIdSchema,
  /** `<turn>.<position>` */
  effect: z.string(),
  kind: z.enum(['approval', 'question']),
  role: roleNameSchema,
  /** Who waited first; another peer may go on with it. */
  peer: peerIdSchema,
  tool: z.string(),
  /** The input of the call as JSON, shortened where it is long, and the digest of the whole. */
  input: z.string(),
  digest: z.string(),
  /** What the call would do, in a line, and the blob of all that is shown of it; null where the input says it all. */
  gist: z.string().nullable().default(null),
  shown: blobHashSchema.nullable().default(null),
  reason: z.string().nullable(),
  question: z.string().nullable(),
  choices: z.array(z.string()),
  /** Milliseconds since 1970. */
  since: z.number(),
  until: z.number(),
  decision: decisionSchema.nullable(),
})
export type WaitRecord = z.infer<typeof waitSchema>

/** A wait as it stands on the bus. */
export type Wait = WaitRecord & { readonly id: string; readonly revision: number }

const WAIT = 'person'
/** Few enough to be typed. Two waits of one run that share them are one in billions, and then one is refused. */
const ID_DIGITS = 8

export const waitId = (conversation: ConversationId, effect: string): string =>
  createHash('sha256').update(`${conversation} ${effect}`).digest('hex').slice(0, ID_DIGITS)

const waitKey = (run: RunId, id: string) => `${WAIT}.${run}.${id}`
export const keyOf = ({ run, conversation, effect }: Pick<WaitRecord, 'run' | 'conversation' | 'effect'>) =>
  waitKey(run, waitId(conversation, effect))
/** Of all waits, or of those of a run. */
export const waitsPrefix = (run?: RunId) => (run === undefined ? WAIT : `${WAIT}.${run}`)

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const encodeWait = (record: WaitRecord): Uint8Array => encoder.encode(JSON.stringify(record))

/** @throws InvalidError `invalid.wait` */
export function decodeWait({ key, value, revision }: RecordEntry): Wait {
  const json: unknown = JSON.parse(decoder.decode(value))
  const record = parseAs(waitSchema, json, 'wait', 'the record of a wait for a person')
  return { ...record, id: key.slice(key.lastIndexOf('.') + 1), revision }
}

/** @throws UnavailableError; SkeinError `people.clash` */
export async function readWait(
  records: Records,
  of: Pick<WaitRecord, 'run' | 'conversation' | 'effect'>,
): Promise<Wait | undefined> {
  const key = keyOf(of)
  const entry = await records.read(key)
  const wait = entry && decodeWait(entry)
  if (wait !== undefined && (wait.conversation !== of.conversation || wait.effect !== of.effect))
    throw new SkeinError('people.clash', `another wait is called "${wait.id}" as well: make the call again`)
  return wait
}
