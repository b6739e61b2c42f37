/** Lengths of time in an experiment: `250ms`, `2s`, `1m30s`. A number without a unit is none. */
import { z } from 'zod'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const FORM = /^(\d+(\.\d+)?(ms|s|m|h))+$/

/** Milliseconds, 0 or more. */
export const durationSchema = z
  .string('it is a length of time with its unit: write it like 250ms, 2s or 1m30s')
  .regex(FORM, 'it is no length of time: write it like 250ms, 2s or 1m30s')
  .transform((text) =>
    [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
      (sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!,
      0,
    ),
  )
