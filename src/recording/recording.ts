/**
 * A recorded run as a file: lines of JSON, the first of which says what it is and the last how many turns there are.
 * It stands alone: blobs that its results name are in it, and of the workspace what the run changed.
 *
 * F1 The turns stand in the order in which they were committed: nobody took anything that was said after it.
 * F2 Nothing in it depends on when it was written but `recordedAt`: the recording of a replay is the same otherwise.
 */
import { z } from 'zod'
import {
  blobHashSchema,
  conversationIdSchema,
  messageIdSchema,
  peerIdSchema,
  roleNameSchema,
  runIdSchema,
} from '../../protocols/ids.ts'
import { issuesOf } from '../../protocols/parse.ts'
import { outcomeSchema } from '../../protocols/run.ts'
import { hashOf } from '../bus/blob-hashes.ts'
import type { TranscriptEntry } from '../model/model.ts'
import { limitsSchema } from '../run/quota.ts'
import { peopleSchema } from '../run/run-record.ts'
import { topologySchema } from '../topology/topology.ts'
import { recordSchema } from '../turn/record.ts'
import { RecordingError } from './recording-error.ts'

export const RECORDING_FORMAT = 1

const json = z.custom<unknown>(() => true)
const milliseconds = z.number()
const took = recordSchema.shape.took.shape
const known = z.object({
  type: z.string(),
  protocol: z.string(),
  version: z.number().int(),
  answeredBy: z.array(z.string()),
})

const headerSchema = z.object({
  kind: z.literal('recording'),
  format: z.literal(RECORDING_FORMAT),
  /** Version of skein that wrote it, for people. */
  skein: z.string(),
  recordedAt: milliseconds,
  run: runIdSchema,
  goal: z.string(),
  /** The message it began with, to which role, and what may answer it. */
  start: z.object({ role: roleNameSchema, message: known, answers: z.array(known), body: json }),
  /** Who took part, and with which version of which machine. */
  peers: z.array(
    z.object({
      peer: peerIdSchema,
      role: roleNameSchema,
      machine: z.object({ name: z.string(), version: z.number().int() }),
    }),
  ),
  base: blobHashSchema.nullable(),
  documents: blobHashSchema.nullable(),
  workspace: z.string().nullable(),
  /** The tree that all merged work led to. */
  head: blobHashSchema.nullable(),
  topology: topologySchema.optional(),
  model: z.string(),
  limits: limitsSchema.nullable(),
  /** What it wanted of people: their answers are in it. */
  people: peopleSchema.optional(),
  /** Longest chain of messages. */
  hops: z.number().int(),
  sampled: z.boolean(),
  startedAt: milliseconds,
  deadline: milliseconds,
  /** How it ended; `stopped` where its conversations were closed before they had ended by themselves. */
  end: z.object({
    outcome: outcomeSchema,
    reason: z.string().nullable(),
    stopped: z.boolean(),
  }),
  /** Why it cannot be replayed, where it cannot. */
  unreplayable: z.string().nullable(),
})

const entrySchema = z.object({
  kind: z.literal('entry'),
  digest: z.string(),
  entry: z.custom<TranscriptEntry>((value) => typeof value === 'object' && value !== null && 'kind' in value),
})

const sentSchema = z.object({
  id: messageIdSchema,
  type: z.string(),
  to: z.object({ role: roleNameSchema, conversation: conversationIdSchema }),
  body: json,
})

/** What was asked of the world: of a model its prompt, of a tool what it was called with. */
const askedSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('chat'),
    /** Blob of the parts of the prompt that are the role's. Null where the call was never made. */
    prompt: blobHashSchema.nullable(),
    /** Digests of the entries of the transcript. */
    transcript: z.array(z.string()),
  }),
  z.object({ kind: z.literal('effect'), src: z.string(), input: json }),
])

const turnSchema = z.object({
  kind: z.literal('turn'),
  conversation: conversationIdSchema,
  turn: z.number().int().positive(),
  role: roleNameSchema,
  peer: peerIdSchema,
  /** When it was committed; never before the turn before it. */
  at: milliseconds,
  event: took.event,
  /** The message or the effect that it took. */
  id: took.id,
  input: took.input.unwrap(),
  asked: askedSchema.optional(),
  call: took.call,
  /** Attributes of the effect's span, where the run is traced. */
  attributes: z
    .record(
      z.string(),
      z.custom<string | number | boolean | string[]>(() => true),
    )
    .optional(),
  sent: z.array(sentSchema),
  barred: took.barred,
  /** Messages of the turn before that full mailboxes refused. */
  unsent: took.unsent,
  /** A limit of the run that kept the turn from sending something. */
  limit: took.limit,
})

const blobSchema = z.object({
  kind: z.literal('blob'),
  hash: blobHashSchema,
  text: z.string().optional(),
  base64: z.string().optional(),
})

const lastSchema = z.object({ kind: z.literal('end'), turns: z.number().int() })

const lineSchema = z.discriminatedUnion('kind', [
  headerSchema,
  entrySchema,
  turnSchema,
  blobSchema,
  lastSchema,
])

export type RecordingHeader = z.infer<typeof headerSchema>
export type RecordedTurn = z.infer<typeof turnSchema>
export type RecordedMessage = z.infer<typeof sentSchema>
export type Asked = z.infer<typeof askedSchema>
export type RecordedBlob = z.infer<typeof blobSchema>

export type Recording = {
  readonly header: RecordingHeader
  /** Of transcripts, by their digests. */
  readonly entries: ReadonlyMap<string, TranscriptEntry>
  readonly turns: readonly RecordedTurn[]
  readonly blobs: readonly RecordedBlob[]
}

export function encodeRecording({ header, entries, turns, blobs }: Recording): string {
  const lines: z.infer<typeof lineSchema>[] = [
    header,
    ...[...entries].map(([digest, entry]) => ({ kind: 'entry' as const, digest, entry })),
    ...turns,
    ...blobs,
    { kind: 'end', turns: turns.length },
  ]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

export const bytesOf = ({ text, base64 }: RecordedBlob): Uint8Array =>
  text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text)

type Invalid = (why: string, cause?: unknown) => RecordingError

/**
 * @param name of the file, for people
 * @throws RecordingError `recording.invalid`, with the line that is wrong
 */
export function decodeRecording(text: string, name = 'this'): Recording {
  const invalid: Invalid = (why, cause) =>
    new RecordingError('invalid', `${name} is no recording that can be read: ${why}`, { cause })
  const lines = text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => readLine(line, number, invalid))
  const [header] = lines
  if (header?.kind !== 'recording') throw invalid('it does not begin as a recording does')
  const turns = lines.filter((line) => line.kind === 'turn')
  const last = lines.at(-1)
  if (last?.kind !== 'end' || last.turns !== turns.length) throw invalid('its end is missing')
  const blobs = lines.filter((line) => line.kind === 'blob')
  for (const tree of [header.base, header.head])
    if (tree !== null && !blobs.some(({ hash }) => hash === tree))
      throw invalid(`its tree ${tree} is missing`)
  return {
    header,
    entries: new Map(lines.flatMap((line) => (line.kind === 'entry' ? [[line.digest, line.entry]] : []))),
    turns,
    blobs,
  }
}

function readLine(line: string, number: number, invalid: Invalid): z.infer<typeof lineSchema> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw invalid(`line ${number} is no JSON`, cause)
  }
  const { kind, format, skein } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (kind === 'recording' && format !== RECORDING_FORMAT)
    throw invalid(
      `it has format ${format} of skein ${skein}, and this version reads format ${RECORDING_FORMAT}: take that version, or record again`,
    )
  const parsed = lineSchema.safeParse(value)
  if (!parsed.success) throw invalid(`line ${number}: ${issuesOf(parsed.error)}`)
  const { data } = parsed
  if (data.kind === 'blob' && hashOf(bytesOf(data)) !== data.hash)
    throw invalid(`line ${number}: blob ${data.hash} is not what it was: somebody has changed it`)
  return data
}
