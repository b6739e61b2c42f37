/**
 * What is known of the rate at which one model of one endpoint may be called with one key: the limits, what was taken,
 * who waits. One record for all that share the key. Times are milliseconds since 1970 by the ledger's clock (L5).
 */
import { z } from 'zod'

const time = z.number()
const limit = z.number().positive().nullable()

/** A minute, null where there is none. */
const limitsSchema = z.object({ requests: limit, tokens: limit })
export type RateLimits = Readonly<z.infer<typeof limitsSchema>>
export const NO_RATE_LIMITS: RateLimits = { requests: null, tokens: null }

const waitingSchema = z.object({
  id: z.string(),
  /** The process that it waits in. */
  holder: z.string(),
  run: z.string(),
  tokens: z.number().int().min(0),
  /** When it first asked. */
  since: time,
  /** How far the runs had been served then. */
  served: z.number(),
})
export type Waiting = Readonly<z.infer<typeof waitingSchema>>

export const rateRecordSchema = z.object({
  format: z.literal(1),
  /** For people who look at the record. */
  about: z.object({ endpoint: z.string(), model: z.string() }),
  /** Drawn when it is made: a record that was removed, and made anew, has another. Older ones have none. */
  made: z.string().optional(),
  time,
  /** What somebody configured, and what the endpoint tells: the lower counts. */
  configured: limitsSchema,
  told: limitsSchema,
  /** What was guessed where neither says anything, and calls were turned away. */
  guess: z
    .object({
      perMinute: z.number().positive(),
      at: time,
      /** Where calls were turned away, and since when. */
      ceiling: z.number().positive().optional(),
      since: time.optional(),
      /** How many times longer it takes to grow. */
      patience: z.number().positive().optional(),
    })
    .nullable(),
  /** The share of the limits that is used, since calls were turned away in spite of them. */
  share: z.object({ part: z.number().positive(), at: time }),
  emptyUntil: z.object({ requests: time, tokens: time }),
  /** Calls that were let through in the last minute, each counting less the older it is. */
  pulse: z.object({ count: z.number().min(0), at: time }),
  /** Calls that were let through and are not settled, by id: what was taken for each. */
  open: z.record(z.string(), z.object({ at: time, tokens: z.number().int().min(0) })),
  waiting: z.array(waitingSchema),
  /** Since when the first of them has been first. */
  turnAt: time,
  /** How far the run was served that was served last, in milliseconds of the limits, and the others beyond that. */
  served: z.number(),
  servedUntil: z.record(z.string(), z.number()),
  pausedUntil: time,
  /** How often in a row calls were turned away, and when the last time was noted. */
  strikes: z.object({ count: z.number().int().min(0), at: time }),
})
export type RateRecord = Readonly<z.infer<typeof rateRecordSchema>>

export const newRateRecord = (about: RateRecord['about'], made?: string): RateRecord => ({
  format: 1,
  about,
  ...(made !== undefined && { made }),
  time: 0,
  configured: NO_RATE_LIMITS,
  told: NO_RATE_LIMITS,
  guess: null,
  share: { part: 1, at: 0 },
  emptyUntil: { requests: 0, tokens: 0 },
  pulse: { count: 0, at: 0 },
  open: {},
  waiting: [],
  turnAt: 0,
  served: 0,
  servedUntil: {},
  pausedUntil: 0,
  strikes: { count: 0, at: 0 },
})
