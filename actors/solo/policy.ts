/**
 * One agent that does everything, without a model: the policies of the planner, the researcher, the coder and the
 * reviewer, one after another, each with the transcript that it would have among peers.
 */
import { z } from 'zod'
import type { Question } from '../../protocols/question.ts'
import type { ReviewRevise } from '../../protocols/review.ts'
import type { Goal } from '../../protocols/run.ts'
import type { SupervisedTask, SupervisionPlan } from '../../protocols/supervision.ts'
import type { TaskResult } from '../../protocols/task.ts'
import type { ChatRequest, TranscriptEntry } from '../../src/model/model.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { askTool } from '../../src/role/setup.ts'
import { requestOf, reviewOf } from '../../src/topology/wiring.ts'
import { codeOffline } from '../coder/policy.ts'
import { situationOf } from '../coder/trials.ts'
import { notImproved, resultOf, type Work } from '../coder/work.ts'
import { type Plan, planned } from '../planner/plan.ts'
import { planOffline } from '../planner/policy.ts'
import { answerOf, type Found, resultOf as foundResult } from '../researcher/findings.ts'
import { researchOffline } from '../researcher/policy.ts'
import { reviewOffline } from '../reviewer/policy.ts'
import {
  failingIn,
  mayRevise,
  NO_REVIEW,
  type Review,
  refused,
  reported,
  requested,
} from '../reviewer/review.ts'
import type { Verdict } from '../reviewer/verdict.ts'
import { type Agent, agentOf, type Call, type Ending, nextStep, type Script } from './script.ts'
import { type Piece, type Solution, solutionAnswer } from './solution.ts'

export const soloOffline: OfflinePolicy = (request) => {
  const [goal] = request.transcript
  if (goal?.kind !== 'message') return { kind: 'give-up', reason: 'there is no goal' }
  return nextStep(wholeJob(goal.body as Goal, request), request.transcript)
}

const stubsSchema = z.object({
  stubs: z.array(z.object({ file: z.string(), name: z.string(), signature: z.string() })),
})

/** What came of a task: its result, or why there is none. */
type Outcome = TaskResult | { readonly problem: string }

function* wholeJob(goal: Goal, request: ChatRequest): Script<Ending> {
  const planner = agentOf(planOffline, request)
  planner.hear('run.goal', goal)
  const ended = yield* planner.work()
  if (ended.kind === 'give-up') return ended
  const plan = planned(goal, ended.body as Plan)
  const outcomes = new Map<string, Outcome>()
  const coders = new Map<string, Agent>()
  for (const work of inOrder(plan.tasks)) {
    const agent = agentFor(work, request)
    if (work.reviewed) coders.set(work.name, agent)
    const outcome = yield* firstTime(work, agent, outcomes, goal)
    if ('problem' in outcome) yield* takenBack(agent, stubOf(work, planner))
    outcomes.set(work.name, outcome)
  }
  return yield* judged(plan, outcomes, coders, request)
}

/** Every task after those that it needs. */
function inOrder(tasks: readonly SupervisedTask[]): SupervisedTask[] {
  const ordered: SupervisedTask[] = []
  const isIn = (name: string) => ordered.some((work) => work.name === name)
  for (let left = [...tasks]; left.length > 0; left = left.filter(({ name }) => !isIn(name))) {
    const next = left.find(({ needs }) => needs.every(isIn))
    if (next === undefined) break // in a circle: the plan has been checked for that
    ordered.push(next)
  }
  return ordered
}

/** A coder, who asks the researcher what the documents have; or a researcher. */
function agentFor(work: SupervisedTask, request: ChatRequest): Agent {
  if (!work.reviewed) return agentOf(researchOffline, request)
  let asked = 0
  return agentOf(codeOffline, request, (call) =>
    call.tool === askTool('researcher') ? answered(call, `ask-${++asked}`, request) : undefined,
  )
}

function* answered(
  { tool, input }: Call,
  id: string,
  request: ChatRequest,
): Script<readonly TranscriptEntry[]> {
  const researcher = agentOf(researchOffline, request)
  researcher.hear('question.ask', input as Question)
  const ended = yield* researcher.work()
  const reply: TranscriptEntry = { kind: 'reply', text: '', calls: [{ id, tool, input }] }
  if (ended.kind === 'answer')
    return [reply, { kind: 'result', call: id, tool, output: answerOf(ended.body as Found) }]
  return [reply, { kind: 'error', call: id, tool, code: 'gave-up', message: ended.reason }]
}

function* firstTime(
  work: SupervisedTask,
  agent: Agent,
  outcomes: ReadonlyMap<string, Outcome>,
  { base }: Goal,
): Script<Outcome> {
  agent.hear('task.request', requestOf(work))
  for (const need of work.needs) {
    const outcome = outcomes.get(need)!
    if ('problem' in outcome)
      return { problem: `"${need}", which this task needs, failed: ${outcome.problem}` }
    agent.hear('task.result', outcome)
  }
  const ended = yield* agent.work()
  if (ended.kind === 'give-up') return { problem: ended.reason }
  return work.reviewed ? resultOf(ended.body as Work, base, []) : foundResult(ended.body as Found)
}

/** Judges the whole and goes back to what is wrong with it, until it is good or no better. */
function* judged(
  plan: SupervisionPlan,
  outcomes: ReadonlyMap<string, Outcome>,
  coders: ReadonlyMap<string, Agent>,
  request: ChatRequest,
): Script<Ending> {
  const reviewer = agentOf(reviewOffline, request)
  let review: Review = { ...NO_REVIEW, ...requested(NO_REVIEW, reviewOf(plan), request.role) }
  reviewer.hear('review.request', review.request)
  function report(name: string, outcome: Outcome): void {
    if (!('problem' in outcome)) reviewer.hear('task.result', outcome)
    const peer = request.role
    review = {
      ...review,
      ...('problem' in outcome
        ? reported(review, name, { kind: 'failed', peer, reason: outcome.problem })
        : reported(review, name, { kind: 'done', peer, result: outcome })),
    }
  }
  for (const { task } of review.request!.tasks) report(task, outcomes.get(task)!)
  for (let changed = true; ; ) {
    const ended = yield* reviewer.work()
    if (ended.kind === 'give-up') return ended
    const verdict = ended.body as Verdict
    if (!mayRevise(review, verdict, changed)) return solved(review, verdict)
    review = { ...review, ...refused(review, verdict, null) }
    const round = review.refusals.length
    changed = false
    for (const revision of verdict.revisions) {
      const { task, findings } = revision
      // Which tree was judged, a transcript does not say.
      const revise = { tree: plan.base, round, findings, failing: [...failingIn(verdict, revision)] }
      const work = yield* again(coders.get(task)!, revise)
      report(task, resultOf(work, plan.base, []))
      changed ||= work.changed
    }
  }
}

/** A coder's work once more. What it tried and found no better, it takes back: nobody else keeps the work as it was. */
function* again(coder: Agent, revise: ReviewRevise): Script<Work> {
  coder.hear('review.revise', revise)
  const ended = yield* coder.work()
  const work = ended.kind === 'give-up' ? notImproved(ended.reason) : (ended.body as Work)
  if (!work.changed) yield* takenBack(coder, situationOf(coder.transcript).installed.at(-1))
  return work
}

/** Puts back what stood there before a coder tried anything in vain: among peers, that is never merged. */
function* takenBack({ transcript }: Agent, before: string | undefined): Script<void> {
  if (before === undefined || !transcript.some((entry) => entry.kind === 'message')) return
  const { work, trials } = situationOf(transcript)
  if (trials.length === 0 || work.subject === null) return
  const { file, name } = work.subject
  yield { kind: 'call', tool: 'replace_declaration', input: { file, name, code: before } }
}

/** A stub as the planner found it. */
function stubOf({ subject }: SupervisedTask, planner: Agent): string | undefined {
  const found = planner.transcript.find((entry) => entry.kind === 'result' && entry.tool === 'find_stubs')
  const { stubs } = stubsSchema.parse((found as { output: unknown } | undefined)?.output)
  const stub = stubs.find(({ file, name }) => file === subject?.file && name === subject.name)
  return stub && `${stub.signature} {\n  throw new Error('not implemented')\n}`
}

function solved({ request, standing, refusals, replies }: Review, verdict: Verdict): Ending {
  const pieces = request!.tasks.map(({ task, title, checks }): Piece => {
    const how = standing[task]!
    const none = { sources: [], openPoints: [] }
    return how.kind === 'failed'
      ? { task, title, done: false, summary: how.reason, checks, ...none }
      : { task, title, done: true, checks, ...pickResult(how.result) }
  })
  const body: Solution = {
    approved: verdict.approved,
    summary: verdict.summary,
    criteria: request!.criteria,
    pieces,
    failing: verdict.failing,
    refusals: refusals.map(({ round, verdict: { summary, revisions } }) => ({
      summary,
      revisions,
      replies: replies
        .filter((reply) => reply.round === round)
        .map(({ task, summary: said }) => ({ task, summary: said })),
    })),
    openPoints: verdict.openPoints,
  }
  return { kind: 'answer', type: solutionAnswer.type, body }
}

const pickResult = ({ summary, sources, openPoints }: TaskResult) => ({ summary, sources, openPoints })
