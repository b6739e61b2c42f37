/** How a run ended, as `result` and a `run` that was waited for tell it. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type RunReport, runReportSchema } from '../../src/flock/run-report.ts'
import { encodeText } from '../../src/tools/text.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { moneyText } from '../show/figures.ts'

const { run, goal, outcome, reason, spent, messages, trace } = runReportSchema.shape

/** A file, and as much of its text as an answer may hold. */
const excerptSchema = z.object({
  path: z.string().describe('where the whole of it is'),
  bytes: z.number().int(),
  text: z.string(),
  truncated: z.boolean().describe('whether the text is only the beginning'),
})

export const outcomeSchema = z.object({
  run,
  goal,
  outcome,
  reason,
  partial: z.boolean().describe('whether the patch is only what had been merged when the run ended'),
  patch: excerptSchema.nullable().describe('a unified diff of the workspace'),
  report: excerptSchema.nullable().describe('what was done, in Markdown'),
  answer: z.object({ type: z.string(), body: z.unknown() }).nullable(),
  workspace: z.string().nullable(),
  spent,
  messages,
  durationMs: z.number(),
  trace,
})
export type OutcomeAnswer = z.input<typeof outcomeSchema>

/** Bytes of a file that an answer holds unless the client wants more or less. */
export const EXCERPT_BYTES = 24 * 1024

export async function outcomeOf(report: RunReport, limitBytes = EXCERPT_BYTES): Promise<OutcomeAnswer> {
  const { run, goal, outcome, reason, partial, answer, workspace, spent, messages, durationMs, trace } =
    report
  const [patch, text] = [
    await excerptOf(report.patch, limitBytes),
    await excerptOf(report.report, limitBytes),
  ]
  return {
    run,
    goal,
    outcome,
    reason,
    partial,
    patch,
    report: text,
    answer,
    workspace,
    spent,
    messages,
    durationMs,
    trace,
  }
}

/** The text before, the patch after: what is cut off is cut from the patch. */
export function outcomeText(answer: OutcomeAnswer, report: RunReport): string {
  const { run, outcome, reason, patch } = answer
  const money = moneyText(report.figures)
  return [
    `run ${run}: ${outcome}${reason === null ? '' : `, ${reason}`}`,
    `${shortDuration(answer.durationMs)} · ${answer.spent.calls} calls · ${answer.spent.inputTokens} tokens in, ${answer.spent.outputTokens} out${money === undefined ? '' : ` · ${money}`}`,
    ...(answer.answer === null ? [] : [`answer: ${JSON.stringify(answer.answer.body)}`]),
    ...(answer.report === null ? [] : ['', answer.report.text]),
    '',
    ...(patch === null ? [report.workspace === null ? '' : 'no file was changed'] : [excerptText(patch)]),
    ...(report.change === null ? [] : [`"skein apply ${run}" writes it into ${report.workspace}`]),
  ]
    .join('\n')
    .trimEnd()
}

const excerptText = ({ path, bytes, text, truncated }: z.input<typeof excerptSchema>): string =>
  truncated ? `${text}\n[cut: the whole, ${bytes} bytes, is in ${path}]` : text

async function excerptOf(path: string | null, limitBytes: number) {
  if (path === null) return null
  const whole = await readFile(path, 'utf8')
  const bytes = encodeText(whole)
  if (bytes.length <= limitBytes) return { path, bytes: bytes.length, text: whole, truncated: false }
  // The last character may be cut in two.
  const text = new TextDecoder().decode(bytes.subarray(0, limitBytes), { stream: true })
  return { path, bytes: bytes.length, text, truncated: true }
}
