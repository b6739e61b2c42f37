/**
 * The reviewer without a model: runs the whole suite on the merged tree. What fails goes back to every task that the
 * failing test has to do with; each finds out for itself whether it can do better.
 */
import { z } from 'zod'
import type { ReviewRequest } from '../../protocols/review.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { testReportSchema } from '../../src/tools/run-tests.ts'
import type { Verdict } from './verdict.ts'

type Failure = z.infer<typeof testReportSchema>['failed'][number]
const usesSchema = z.object({ uses: z.array(z.object({ file: z.string(), modules: z.array(z.string()) })) })

export const reviewOffline: OfflinePolicy = ({ transcript }) => {
  const request = transcript.find((entry) => entry.kind === 'message' && entry.type === 'review.request')
  const { tasks } = (request as { body: ReviewRequest }).body
  // What was seen before the last message was seen on another tree.
  const round = transcript.slice(transcript.findLastIndex((entry) => entry.kind === 'message') + 1)
  const failure = round.find((entry) => entry.kind === 'error' && entry.tool === 'run_tests')
  if (failure !== undefined)
    return {
      kind: 'give-up',
      reason: `the suite could not be run: ${(failure as { message: string }).message}`,
    }
  const ran = round.find((entry) => entry.kind === 'result' && entry.tool === 'run_tests')
  if (ran === undefined) return { kind: 'call', tool: 'run_tests', input: { names: null } }
  const { ok, passed, failed } = testReportSchema.parse((ran as { output: unknown }).output)
  const answer = (verdict: Verdict) => ({ kind: 'answer' as const, type: 'verdict', body: verdict })
  if (ok) {
    const summary = `all ${passed.length} tests of the workspace pass on the merged tree`
    return answer({ approved: true, summary, revisions: [], failing: [], openPoints: [] })
  }
  const files = [...new Set(failed.map(({ file }) => file))].filter((file) => file !== '')
  const traced = round.find(
    (entry) => entry.kind !== 'message' && 'tool' in entry && entry.tool === 'trace_imports',
  )
  if (traced === undefined && files.length > 0)
    return { kind: 'call', tool: 'trace_imports', input: { files } }
  const used = new Map(
    traced?.kind === 'result'
      ? usesSchema.parse(traced.output).uses.map(({ file, modules }) => [file, modules])
      : [],
  )
  const revisions = tasks.flatMap((work) => {
    const concerned = failed.filter((test) => concerns(work, test, used.get(test.file) ?? []))
    const findings = concerned.map(({ name, error }) => ({ what: name, detail: error }))
    return findings.length === 0 ? [] : [{ task: work.task, findings }]
  })
  return answer({
    approved: false,
    summary: `${failed.length} of ${failed.length + passed.length} tests fail on the merged tree: ${failed
      .slice(0, 3)
      .map(({ name }) => name)
      .join('; ')}${failed.length > 3 ? '; …' : ''}`,
    revisions,
    failing: failed.map(({ name }) => name),
    openPoints: failed.map(({ name }) => `fails: ${name}`),
  })
}

/** A test has to do with a task that promised it, whose file it uses, or whose file it failed in. */
function concerns(
  { checks, subject }: ReviewRequest['tasks'][number],
  { name, stack }: Failure,
  modules: readonly string[],
): boolean {
  if (checks.some((check) => check.kind === 'tests' && check.names.includes(name))) return true
  return subject !== null && (modules.includes(subject.file) || stack.includes(subject.file))
}
