/**
 * The record of a run: what every peer may need to know of it, written by whoever submitted it and changed by
 * compare-and-set. Key `run.<run>`.
 */
import { z } from 'zod'
import { blobHashSchema, peerIdSchema, type RunId, roleNameSchema, runIdSchema } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import { outcomeSchema } from '../../protocols/run.ts'
import type { Span } from '../../traces/span.ts'
import type { Records } from '../bus/records.ts'
import { pricesSchema } from '../model/prices.ts'
import { topologySchema } from '../topology/topology.ts'
import { limitsSchema } from './quota.ts'

/** As much of a message's definition as its origin needs to send it, and to know an answer when it comes. */
const knownMessageSchema = z.object({
  type: z.string(),
  protocol: z.string(),
  version: z.number().int().positive(),
  answeredBy: z.array(z.string()),
})
export type KnownMessage = z.infer<typeof knownMessageSchema>

export const peopleSchema = z.object({
  /** Tools whose calls need a person's approval, besides those that say so themselves. */
  approve: z.array(z.string()),
  /** Nobody is there to be asked: what would wait for a person is refused at once. */
  isAway: z.boolean(),
})
export type PeopleWishes = z.infer<typeof peopleSchema>

const runRecordSchema = z.object({
  format: z.literal(1),
  run: runIdSchema,
  goal: z.string(),
  origin: peerIdSchema,
  /** The workspace before any work, and the documents, as trees; null in a run without. */
  base: blobHashSchema.nullable(),
  documents: blobHashSchema.nullable(),
  /** Where the workspace lies on the machine of the origin: a hint, for what is no part of the tree. */
  workspace: z.string().nullable(),
  /** The message that it began with, and what may answer it: any process can host its origin. */
  start: z.object({
    role: roleNameSchema,
    message: knownMessageSchema,
    answers: z.array(knownMessageSchema),
  }),
  /** How its agents are wired: everybody with everybody where it does not say. */
  topology: topologySchema.optional(),
  /** What it wants of people: nothing but what its tools ask for, where it does not say. */
  people: peopleSchema.optional(),
  /** The model it was started with, for people. */
  model: z.string(),
  /** What it may spend, where it has limits (the account is `quotas`), and prices besides those that are listed. */
  limits: limitsSchema.nullable(),
  prices: pricesSchema.nullable(),
  /** Whether it is traced. */
  sampled: z.boolean(),
  /** Milliseconds since 1970, as all times here. */
  startedAt: z.number(),
  deadline: z.number(),
  /**
   * `ending`: its conversations are being closed, and it will be over with the outcome that stands here. `over`: all
   * of its stake is home, or was written off.
   */
  state: z.enum(['open', 'ending', 'over']),
  outcome: outcomeSchema.nullable(),
  reason: z.string().nullable(),
  endingAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  /** Stake that never came home. */
  writtenOff: z.string().nullable(),
  /** Who announced that it is over, as a resource of spans, and the span of the last turn of the origin. */
  announced: z
    .object({
      resource: z.record(z.string(), z.union([z.string(), z.number()])),
      after: z.string().nullable(),
    })
    .optional(),
  /** The root of the run's trace. It ends when the run was submitted. */
  root: z.custom<Span>((value) => typeof value === 'object' && value !== null && 'spanId' in value),
})
export type RunRecord = z.infer<typeof runRecordSchema>

export const runKey = (run: RunId) => `run.${run}`

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const encodeRun = (record: RunRecord) => encoder.encode(JSON.stringify(record))

/** @throws InvalidError `invalid.run` */
export const decodeRun = (bytes: Uint8Array): RunRecord =>
  parseAs(runRecordSchema, JSON.parse(decoder.decode(bytes)), 'run', 'the record of a run')

/** The record of a run and its revision, or undefined where the bus does not know it. */
export async function readRun(
  records: Records,
  run: RunId,
): Promise<{ record: RunRecord; revision: number } | undefined> {
  const entry = await records.read(runKey(run))
  return entry && { record: decodeRun(entry.value), revision: entry.revision }
}
