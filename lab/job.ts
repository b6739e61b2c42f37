/** The job of an experiment as data: what is to be done, and what that costs simulated agents. */
import { z } from 'zod'
import { graphSchema } from './graphs.ts'
import { timeSchema, tokenCountSchema as tokens, tokensSchema } from './quantity.ts'

const share = z.number().min(0).max(1)

const nothing = { mean: 0, c2: 0 }

export const simulatedJobSchema = z.strictObject({
  kind: z.literal('simulated').default('simulated'),
  graph: graphSchema,
  /** What one task takes, where its stage does not say. */
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
  /**
   * Entries that all share, on the blackboard of the run. Each task also changes one of them, which chance picks: it
   * reads it, thinks, and writes by compare-and-set; where somebody else was faster it thinks again.
   */
  shared: z
    .strictObject({ keys: z.int().min(1).max(10_000) })
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
/** 0 where the job is no pipeline. */
export const stagesOf = ({ graph }: Pick<SimulatedJob, 'graph'>): number =>
  graph.shape === 'pipeline' ? graph.stages.length : 0

export type SimulatedJob = z.infer<typeof simulatedJobSchema>
