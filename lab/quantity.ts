/** Quantities that chance decides, as they stand in an experiment: a mean, and a squared coefficient of variation. */
import { z } from 'zod'
import { durationSchema } from './duration.ts'

const c2 = z
  .number()
  .min(0)
  .max(100)
  .refine(
    (value) => value === 0 || value >= 1 || Math.abs(1 / value - Math.round(1 / value)) < 1e-9,
    'between 0 and 1 it is one over a whole number (0.5, 0.25, …): the C² of a sum of so many exponential phases',
  )

/** A length of time, in milliseconds: fixed where only its mean is given. */
export const timeSchema = z.union([
  durationSchema.transform((mean) => ({ mean, c2: 0 })),
  z.strictObject({ mean: durationSchema, c2: c2.default(0) }),
])

export const tokenCountSchema = z.int().min(0).max(10_000_000)
export const tokensSchema = z.union([
  tokenCountSchema.transform((mean) => ({ mean, c2: 0 })),
  z.strictObject({ mean: tokenCountSchema, c2: c2.default(0) }),
])
