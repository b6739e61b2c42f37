/** The input that names a run, and a run as several tools tell of it. */
import { z } from 'zod'
import { runReportSchema } from '../../src/flock/run-report.ts'

export const runInput = z.string().describe('id of the run, like r-mb4k2x9f-3fa1')

const { outcome, reason, spent, messages } = runReportSchema.shape

export const runState = {
  run: z.string(),
  goal: z.string(),
  /** Its outcome is null until it is `over`. */
  state: z.enum(['open', 'ending', 'over']),
  outcome: outcome.nullable(),
  reason,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
} as const

export const runSpending = { spent, messages } as const

export const isoTime = (ms: number): string => new Date(ms).toISOString()
