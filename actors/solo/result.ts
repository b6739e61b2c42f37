/** From the solution of one agent alone to what the run comes to: its checks, and the report that a reviewer would write. */
import type { FailureKind } from '../../protocols/failure.ts'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Goal } from '../../protocols/run.ts'
import type { Check, CheckResult } from '../../protocols/task.ts'
import { SUITE } from '../../src/tools/run-checks.ts'
import type { ReportInput } from '../reviewer/report.ts'
import { type Review, reportOf, type Standing } from '../reviewer/review.ts'
import type { Piece, Solution } from './solution.ts'

/** The checks of all that is done: tests together and the suite once, since each of these checks runs the suite. */
export function checksOf({ pieces }: Solution): Check[] {
  const checks = pieces.filter(({ done }) => done).flatMap((piece) => piece.checks)
  const names = new Set(checks.flatMap((check) => (check.kind === 'tests' ? check.names : [])))
  const suite = checks.find((check) => check.kind === 'suite')
  const commands = new Map(
    checks.flatMap((check) => (check.kind === 'command' ? [[check.argv.join(' '), check]] : [])),
  )
  return [
    ...(names.size === 0 ? [] : [{ kind: 'tests' as const, names: [...names] }]),
    ...(suite === undefined ? [] : [suite]),
    ...commands.values(),
  ]
}

export type Found = {
  /** The workspace as it was left. */
  readonly tree: BlobHash | null
  readonly checks: readonly CheckResult[]
  /** Why there is no solution, where there is none. */
  readonly problem: { readonly text: string | null; readonly kind?: FailureKind | undefined }
}

export function reportFor(goal: Goal, solution: Solution | null, found: Found): ReportInput {
  const { pieces = [], criteria = [], refusals = [] } = solution ?? {}
  const review: Review = {
    request: {
      ...goal,
      criteria,
      tasks: pieces.map(({ task, title, checks }) => ({ task, role: 'solo', title, subject: null, checks })),
    },
    standing: Object.fromEntries(pieces.map((piece) => [piece.task, standingOf(piece, found)])),
    pending: [],
    replies: refusals.flatMap(({ replies }, index) =>
      replies.map((reply) => ({ ...reply, round: index + 1 })),
    ),
    refusals: refusals.map(({ summary, revisions }, index) => ({
      round: index + 1,
      tree: null,
      verdict: { approved: false, summary, revisions, failing: [], openPoints: [] },
    })),
  }
  return reportOf(review, solution ?? undefined, found.problem)
}

/** What the results of a check go by. */
function namesOf(check: Check): readonly string[] {
  switch (check.kind) {
    case 'tests':
      return check.names
    case 'suite':
      return [SUITE]
    case 'command':
      return [check.argv.join(' ')]
  }
}

function standingOf(
  { done, summary, sources, checks, openPoints }: Piece,
  { tree, checks: all }: Found,
): Standing {
  if (!done) return { kind: 'failed', peer: 'solo', reason: summary }
  const own = new Set(checks.flatMap(namesOf))
  const results = all.filter(({ check }) => own.has(check))
  return {
    kind: 'done',
    peer: 'solo',
    result: { summary, findings: [], tree, sources, checks: results, openPoints },
  }
}
