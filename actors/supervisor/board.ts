/**
 * The supervisor's board: the plan, who was asked, what came of it, what was sent back. Pure steps from one board to
 * the next: the machine keeps a board in its record, and the offline policy makes the same one of its transcript.
 */
import type { FailureKind } from '../../protocols/failure.ts'
import type { MessageId } from '../../protocols/ids.ts'
import type { ReviewRevise } from '../../protocols/review.ts'
import type { SupervisedTask, SupervisionPlan } from '../../protocols/supervision.ts'
import type { TaskResult } from '../../protocols/task.ts'
import { passedOn } from '../../src/role/agent-context.ts'
import type { Orders } from './orders.ts'

export type Failed = { readonly kind: FailureKind; readonly reason: string }

/** What came of a task, or of its revision. */
export type Reply =
  | { readonly kind: 'done'; readonly result: TaskResult }
  | ({ readonly kind: 'failed' } & { readonly failure: Failed })

/** Work that the reviewer sent back. */
export type Revision = {
  /** The reviewer's message, which is to be answered; null on a board that answers nobody. */
  readonly id: MessageId | null
  /** The peer that sent it back. */
  readonly from: string
  readonly body: ReviewRevise
  /** `unread`: it came while something else was read. `open`: it may be handed out. */
  readonly state: 'unread' | 'open' | 'handed'
  /** What came of it, until the reviewer is told. */
  readonly reply: Reply | null
}

export type Board = {
  readonly plan: SupervisionPlan
  /** Tasks that were handed out, oldest first. */
  readonly handed: readonly string[]
  readonly standing: Readonly<Record<string, 'done' | Failed>>
  /** Results that somebody still waits for. */
  readonly results: Readonly<Record<string, TaskResult>>
  /** By task. */
  readonly revisions: Readonly<Record<string, Revision>>
  /** Whether the reviewer has been asked. */
  readonly reviewing: boolean
}

export const boardFor = (plan: SupervisionPlan): Board => ({
  plan,
  handed: [],
  standing: {},
  results: {},
  revisions: {},
  reviewing: false,
})

export const taskNamed = ({ plan }: Board, name: string): SupervisedTask | undefined =>
  plan.tasks.find((work) => work.name === name)

/** What a task, or its revision, came to. */
export function withReply(board: Board, name: string, reply: Reply): Board {
  const revision = board.revisions[name]
  if (revision !== undefined)
    return { ...board, revisions: { ...board.revisions, [name]: { ...revision, reply } } }
  if (reply.kind === 'failed')
    return blocked({ ...board, standing: { ...board.standing, [name]: reply.failure } })
  return tidied({
    ...board,
    standing: { ...board.standing, [name]: 'done' },
    results: { ...board.results, [name]: reply.result },
  })
}

/** What needs something that failed fails with it, unasked. */
function blocked(board: Board): Board {
  const standing = { ...board.standing }
  const failureOf = (name: string) => (standing[name] === 'done' ? undefined : standing[name])
  for (;;) {
    const next = board.plan.tasks.find(
      ({ name, needs }) =>
        standing[name] === undefined && needs.some((need) => failureOf(need) !== undefined),
    )
    if (next === undefined) return tidied({ ...board, standing })
    const need = next.needs.find((name) => failureOf(name) !== undefined)!
    const { kind, reason } = failureOf(need)!
    standing[next.name] = {
      kind: passedOn(kind),
      reason: `"${need}", which this task needs, failed: ${reason}`,
    }
  }
}

export const sentBack = (board: Board, name: string, revision: Omit<Revision, 'reply'>): Board => ({
  ...board,
  revisions: { ...board.revisions, [name]: { ...revision, reply: null } },
})

/** What may be handed out now: tasks that have all they need, and work that was sent back. */
export function openIn({ plan, handed, standing, revisions }: Board): readonly string[] {
  const ready = plan.tasks.filter(
    ({ name, needs }) =>
      !handed.includes(name) &&
      standing[name] === undefined &&
      needs.every((need) => standing[need] === 'done'),
  )
  const back = Object.entries(revisions).filter(([, { state }]) => state === 'open')
  return [...ready.map(({ name }) => name), ...back.map(([name]) => name)]
}

/** Tasks that somebody is at work on, or that are still to be read about. */
const isExpected = ({ handed, standing, revisions }: Board): boolean =>
  handed.some((name) => standing[name] === undefined) ||
  Object.values(revisions).some(
    ({ state, reply }) => state === 'unread' || (state === 'handed' && reply === null),
  )

/** What is wrong with orders, or undefined. */
export function ordersProblem(board: Board, { handOut }: Orders): string | undefined {
  const open = openIn(board)
  const can = open.length === 0 ? 'nothing can be now' : `what can be now: ${open.join(', ')}`
  const names = handOut.map(({ task }) => task)
  const wrong = names.find((name) => !open.includes(name))
  if (wrong !== undefined) return `"${wrong}" cannot be handed out; ${can}`
  if (new Set(names).size < names.length) return 'a task is handed out twice'
  if (names.length === 0 && open.length > 0 && !isExpected(board))
    return `nobody is at work and nothing is handed out, so nothing would ever come; ${can}`
  return undefined
}

/** The board once the orders are carried out, and the reviewer is told what came of revisions. */
export function ordered(board: Board, { handOut }: Orders): Board {
  const names = new Set(handOut.map(({ task }) => task))
  const revisions = Object.entries(board.revisions)
    .filter(([, { reply }]) => reply === null)
    .map(([name, revision]): [string, Revision] => [
      name,
      names.has(name) ? { ...revision, state: 'handed' } : revision,
    ])
  const fresh = [...names].filter((name) => board.revisions[name] === undefined)
  return tidied({
    ...board,
    handed: [...board.handed, ...fresh],
    revisions: Object.fromEntries(revisions),
  })
}

/** Whether every task is done or has failed, so that the whole can be reviewed. */
export const isSettled = ({ plan, standing }: Board): boolean =>
  plan.tasks.every(({ name }) => standing[name] !== undefined)

export const underReview = (board: Board): Board => tidied({ ...board, reviewing: true })

/** Without results that nobody waits for any more: what is kept is written with every turn. */
function tidied(board: Board): Board {
  const { plan, handed, standing, reviewing } = board
  const waiting = plan.tasks.filter(({ name }) => !handed.includes(name) && standing[name] === undefined)
  const needed = new Set(waiting.flatMap(({ needs }) => needs))
  const reviewed = new Set(reviewing ? [] : plan.tasks.flatMap((work) => (work.reviewed ? [work.name] : [])))
  const results = Object.entries(board.results).filter(([name]) => needed.has(name) || reviewed.has(name))
  return { ...board, results: Object.fromEntries(results) }
}
