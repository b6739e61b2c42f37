/** The job of an experiment as data: what is to be done, and what that costs simulated agents. */
import { z } from 'zod'
import { durationSchema } from './duration.ts'
import { graphSchema } from './graphs.ts'

const c2 = z
  .number()
  .min(0)
  .max(100)
  .refine(
    (value) => value === 0 || value >= 1 || Math.abs(1 / value - Math.round(1 / value)) < 1e-9,
    'between 0 and 1 it is one over a whole number (0.5, 0.25, …): the C² of a sum of so many exponential phases',
  )

/** A length of time, in milliseconds: fixed where only its mean is given. */
const timeSchema = z.union([
  durationSchema.transform((mean) => ({ mean, c2: 0 })),
  z.strictObject({ mean: durationSchema, c2: c2.default(0) }),
])

const tokens = z.int().min(0).max(10_000_000)
const tokensSchema = z.union([
  tokens.transform((mean) => ({ mean, c2: 0 })),
  z.strictObject({ mean: tokens, c2: c2.default(0) }),
])

const share = z.number().min(0).max(1)

const nothing = { mean: 0, c2: 0 }

export const simulatedJobSchema = z.strictObject({
  kind: z.literal('simulated').default('simulated'),
  graph: graphSchema,
  /** What one task takes. */
  service: timeSchema,
  /** What a supervisor takes to read one result and say what is next. */
  hub: timeSchema.default(nothing),
  tokens: z
    .strictObject({
      /** Of a prompt, before anything that others wrote. */
      prompt: tokens.default(1_000),
      answer: tokensSchema.default({ mean: 500, c2: 0 }),
      /** Of the context of the model. */
      limit: tokens.min(1).default(128_000),
    })
    .prefault({}),
  /** Share of the answers that are wrong by themselves. What rests on a wrong result is wrong. */
  errors: share.default(0),
  /** Every result is looked at before it goes on. */
  review: z
    .strictObject({
      /** What one look takes. */
      service: timeSchema,
      /** Share of the wrong results that a look finds. */
      found: share,
      /** How often work may be sent back. */
      rounds: z.int().min(0).max(20).default(1),
      /** Peers that look, where it is not the supervisor or the one agent that does. */
      peers: z.int().min(1).max(10_000).default(1),
    })
    .nullable()
    .default(null),
  arrivals: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('at-once') }),
      /** A Poisson process. */
      z.strictObject({ kind: z.literal('poisson'), perSecond: z.number().positive().max(1_000) }),
    ])
    .default({ kind: 'at-once' }),
})
export type SimulatedJob = z.infer<typeof simulatedJobSchema>
