/**
 * A review as it stands: what each task came to, what was sent back, what came of that. Pure, so that the reviewer's
 * machine keeps one, and whoever reviews work of its own as well.
 */
import type { FailureKind } from '../../protocols/failure.ts'
import type { BlobHash } from '../../protocols/ids.ts'
import type { ReviewRequest } from '../../protocols/review.ts'
import type { TaskResult } from '../../protocols/task.ts'
import type { ReportInput } from './report.ts'
import type { Verdict } from './verdict.ts'

/** How a task stands: its last result and who gave it, or why it failed. */
export type Standing =
  | { readonly kind: 'done'; readonly peer: string; readonly result: TaskResult }
  | { readonly kind: 'failed'; readonly peer: string; readonly reason: string; readonly why?: FailureKind }

export type Review = {
  readonly request: ReviewRequest | null
  readonly standing: Readonly<Record<string, Standing>>
  /** Tasks whose report is being waited for. */
  readonly pending: readonly string[]
  /** What came of work that was sent back, by round. */
  readonly replies: readonly { readonly round: number; readonly task: string; readonly summary: string }[]
  /** Verdicts that sent work back, oldest first; the tree that each was made on, where it is known. */
  readonly refusals: readonly {
    readonly round: number
    readonly tree: BlobHash | null
    readonly verdict: Verdict
  }[]
}

export const NO_REVIEW: Review = { request: null, standing: {}, pending: [], replies: [], refusals: [] }

/** A review of these tasks begins: some may have reported before, and some have failed already, says `from`. */
export function requested(review: Review, request: ReviewRequest, from: string): Partial<Review> {
  const failed = request.tasks.flatMap(({ task, failed }): [string, Standing][] =>
    failed === undefined
      ? []
      : [[task, { kind: 'failed', peer: from, why: failed.kind, reason: failed.reason }]],
  )
  const standing = { ...review.standing, ...Object.fromEntries(failed) }
  const pending = request.tasks.map(({ task }) => task).filter((name) => standing[name] === undefined)
  return { request, standing, pending }
}

/** A task is done, or failed. */
export function reported(review: Review, name: string, standing: Standing): Partial<Review> {
  const before = review.standing[name]
  const unchanged = standing.kind === 'done' && standing.result.tree === null
  const round = review.refusals.length
  const reply = {
    round,
    task: name,
    summary: standing.kind === 'done' ? standing.result.summary : standing.reason,
  }
  return {
    // Work that came back unchanged keeps what it was.
    standing: { ...review.standing, [name]: unchanged && before?.kind === 'done' ? before : standing },
    pending: review.pending.filter((pending) => pending !== name),
    replies: round === 0 ? review.replies : [...review.replies, reply],
  }
}

/** A task failed, or an answer to its revision did not come: work that was done stays done. */
export function failed(
  review: Review,
  name: string,
  standing: Extract<Standing, { readonly kind: 'failed' }>,
): Partial<Review> {
  if (review.standing[name]?.kind !== 'done') return reported(review, name, standing)
  return { pending: review.pending.filter((pending) => pending !== name) }
}

/** Work is sent back. */
export const refused = (review: Review, verdict: Verdict, tree: BlobHash | null): Partial<Review> => ({
  refusals: [...review.refusals, { round: review.refusals.length + 1, tree, verdict }],
  pending: verdict.revisions.map((revision) => revision.task),
})

/**
 * Work goes back while there are rounds left, somebody to send it to, and the last round changed anything.
 * @param changed whether the work is another than at the last refusal
 */
export function mayRevise(
  { request, refusals, standing }: Review,
  verdict: Verdict | undefined,
  changed: boolean,
): boolean {
  if (verdict === undefined || verdict.approved || request === null) return false
  const known = verdict.revisions.every(({ task: name }) => standing[name]?.kind === 'done')
  return refusals.length < request.rounds && verdict.revisions.length > 0 && known && changed
}

/** What is wrong with a verdict, in words that tell the model what to do; or undefined. */
export function verdictProblem({ request, standing }: Review, verdict: Verdict): string | undefined {
  const { approved, revisions, failing } = verdict
  if (approved && (revisions.length > 0 || failing.length > 0))
    return 'it approves, and has revisions or failing tests: either nothing is wrong, or it is not approved'
  const tasks = request!.tasks.map(({ task }) => task)
  const unknown = revisions.find(({ task }) => !tasks.includes(task))
  if (unknown !== undefined)
    return `there is no task "${unknown.task}" to send back: there are ${tasks.join(', ')}`
  const gone = revisions.find(({ task }) => standing[task]?.kind !== 'done')
  return gone && `task "${gone.task}" failed, and nobody can be told: leave it out`
}

/** Which of the findings' tests a revision has to mend. */
export const failingIn = (
  { failing }: Verdict,
  { findings }: Verdict['revisions'][number],
): readonly string[] => failing.filter((test) => findings.some(({ what }) => what === test))

/** @param problem why there is no verdict, where there is none */
export function reportOf(
  { request, standing, refusals, replies }: Review,
  verdict: Pick<Verdict, 'approved' | 'summary' | 'openPoints'> | undefined,
  problem: { readonly text: string | null; readonly kind?: FailureKind | undefined } = { text: null },
): ReportInput {
  const failures = Object.entries(standing).filter(([, how]) => how.kind === 'failed')
  const completed = verdict?.approved === true && failures.length === 0
  // What a limit kept from being done may well be possible.
  const isExhausted =
    problem.kind === 'exhausted' ||
    failures.some(([, how]) => how.kind === 'failed' && how.why === 'exhausted')
  const why = failures.map(([name, how]) => `${name}: ${(how as { reason: string }).reason}`)
  return {
    outcome: completed ? 'completed' : isExhausted ? 'exhausted' : 'unsatisfied',
    reason: completed
      ? verdict.summary
      : [...why, problem.text ?? verdict?.summary ?? 'no verdict'].join('; '),
    goal: request!.goal,
    base: request!.base,
    criteria: request!.criteria,
    tasks: request!.tasks.map((work) => ({
      ...work,
      standing: standing[work.task] ?? { kind: 'failed', peer: 'nobody', reason: 'nobody reported' },
    })),
    refusals: refusals.map(({ round, tree, verdict: { summary, revisions } }) => ({
      round,
      tree,
      summary,
      revisions,
      replies: replies.filter((reply) => reply.round === round),
    })),
    openPoints: verdict?.openPoints ?? [],
  }
}
