/**
 * The starter: hands out a plan with routing slips, so that results go from worker to worker, and hears only of tasks
 * that nobody else waits for. Like a planner it is in nobody's way: it thinks about nothing that comes back.
 *
 * Large plans are handed out in parts, each a conversation of its own: what one conversation has sent and heard stands
 * in its record, which every commit writes.
 */
import { assign, emit, enqueueActions } from 'xstate'
import type { Stop } from '../../protocols/address.ts'
import { conversationId, type RunId, roleName } from '../../protocols/ids.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { type RoleEmitted, roleSetup } from '../../src/role/setup.ts'
import { endOfBatch, type Plan, type PlannedTask, pauseBefore } from '../plan.ts'
import { NOTHING_GIVEN, type WorkReport, type WorkResult, work } from './work.ts'

const { job, part, report, request, result, check } = work.messages
type Accepts = typeof job | typeof part | typeof report | typeof result
type Sends = typeof part | typeof report | typeof request | typeof check

/** Tasks that one conversation hands out. */
const PART_TASKS = 25

type StarterContext = AgentContext &
  WorkReport & {
    /** The tasks from here to there are this conversation's. */
    readonly from: number
    readonly to: number
    /** The next of them to hand out. */
    readonly next: number
    /** Answers that are still to come. */
    readonly open: number
  }

export function starter(plan: Plan): Role {
  const { tasks, rounds } = plan
  const roles = new Map(tasks.map(({ name, role }) => [name, role]))
  const roleOf = (task: string) => roles.get(task)!
  const parts = Math.ceil(tasks.length / PART_TASKS)

  const pauseMs = ({ from, next, to }: StarterContext) => (next === to ? 0 : pauseBefore(plan, next, from))

  const machine = roleSetup<StarterContext, Accepts, Sends>([])
    .extend({
      delays: { pause: ({ context }) => pauseMs(context) },
      actions: {
        handOut: enqueueActions(({ context, enqueue }) => {
          const run = context.input.run
          const end = endOfBatch(plan, context.next, context.to)
          const batch = tasks.slice(context.next, end)
          for (const task of batch)
            for (const message of handed(run, task, rounds, roleOf)) enqueue.emit(message)
          const answers = batch.filter(({ feeds }) => feeds.length === 0).length
          enqueue.assign({ next: end, open: context.open + answers })
        }),
        countResult: assign(({ context, event }) => ({
          open: context.open - 1,
          done: context.done + 1,
          wrong: context.wrong + ((event.body as WorkResult).wrong ? 1 : 0),
        })),
        countFailure: assign(({ context }) => ({ open: context.open - 1, failed: context.failed + 1 })),
      },
    })
    .createMachine({
      id: 'starter',
      context: ({ input }) => ({
        ...newAgent(input),
        ...{ from: 0, to: 0, next: 0, open: 0, done: 0, wrong: 0, failed: 0 },
      }),
      initial: 'new',
      states: {
        new: {
          on: {
            'work.job': [
              {
                guard: () => parts > 1,
                target: 'collecting',
                actions: [
                  assign({ open: parts }),
                  enqueueActions(({ enqueue }) => {
                    for (let number = 0; number < parts; number++)
                      enqueue.emit({
                        type: 'work.part' as const,
                        body: { part: number },
                        to: { role: 'starter', conversation: `part-${number}` },
                      })
                  }),
                ],
              },
              { target: 'pacing', actions: assign({ to: tasks.length }) },
            ],
            'work.part': {
              target: 'pacing',
              actions: assign(({ event }) => {
                const from = event.body.part * PART_TASKS
                return { from, next: from, to: Math.min(tasks.length, from + PART_TASKS) }
              }),
            },
          },
        },
        pacing: {
          always: [
            { guard: ({ context }) => context.next === context.to, target: 'collecting' },
            { guard: ({ context }) => pauseMs(context) === 0, target: 'handing' },
          ],
          after: { pause: 'handing' },
          on: { 'work.result': { actions: 'countResult' }, failure: { actions: 'countFailure' } },
        },
        handing: { entry: 'handOut', always: 'pacing' },
        collecting: {
          always: { guard: ({ context }) => context.open === 0, target: 'reported' },
          on: {
            'work.result': { actions: 'countResult' },
            'work.report': {
              actions: assign(({ context, event: { body } }) => ({
                open: context.open - 1,
                done: context.done + body.done,
                wrong: context.wrong + body.wrong,
                failed: context.failed + body.failed,
              })),
            },
            failure: { actions: 'countFailure' },
          },
        },
        reported: {
          type: 'final',
          entry: emit(({ context: { done, wrong, failed } }) => ({
            type: 'work.report' as const,
            body: { done, wrong, failed },
          })),
        },
      },
    })

  return defineRole({
    name: 'starter',
    description: 'hands out a plan',
    instructions: '',
    accepts: [job, part, report, result],
    answers: [report],
    sends: [part, request, check],
    machine,
  })
}

/** The messages that begin one task: with a review, its result goes by whoever looks at it. */
function handed(
  run: RunId,
  task: PlannedTask,
  rounds: number | null,
  roleOf: (task: string) => string,
): readonly RoleEmitted<Sends>[] {
  const slip = task.feeds.map((name) => stop(run, roleOf(name), name))
  const body = { task: task.name, awaits: task.needs.length, given: NOTHING_GIVEN, round: 0, goesOn: false }
  const to = { role: task.role, conversation: task.name }
  if (rounds === null) return [{ type: 'work.request', body, to, slip }]
  const checker = `check-${task.name}`
  return [
    { type: 'work.check', body: { task: task.name }, to: { role: 'checker', conversation: checker }, slip },
    { type: 'work.request', body, to, slip: [stop(run, 'checker', checker)] },
  ]
}

const stop = (run: RunId, role: string, conversation: string): Stop => ({
  role: roleName(role),
  conversation: conversationId(run, conversation),
})
