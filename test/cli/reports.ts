/** A report of a run, for tests of what is made of one. */
import { type RunReport, runReportSchema } from '../../src/flock/run-report.ts'

export const aReport = (told: Readonly<Record<string, unknown>> = {}): RunReport =>
  runReportSchema.parse({
    ...{ run: 'r-1', goal: 'Mend it', outcome: 'completed', reason: null, patch: null, report: null },
    ...{ trace: null, change: null, workspace: null, answer: null, model: 'gpt-5-mini', bus: 'memory' },
    spent: { calls: 4, inputTokens: 8_000, outputTokens: 200, tools: 6 },
    peers: [{ peer: 'coder-1', role: 'coder', pid: 1 }],
    ...{ messages: 6, durationMs: 1_000, startedAt: 0, logs: null },
    ...told,
  })
