/**
 * The supervisor of a star: holds the plan, hands out every task when what it needs is there, and reads every result,
 * one at a time, before it says what is next. A worker has one task of it at a time, so with N workers it is the server
 * of a closed queue of N customers: each is worked on, then waits for the hub.
 *
 * It has a conversation with each worker, a seat, and gives every seat one task after another: what a conversation has
 * sent and heard stands in its record, and a hub's would else grow with the plan.
 *
 * The first tasks go out with the plan, before there is anything to read. Where there is a review it is the supervisor
 * who looks: a second call for each result.
 */
import { assign, emit, enqueueActions } from 'xstate'
import { nameOf, partsOf } from '../../protocols/ids.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { type ChatOutput, type FailureEvent, roleSetup } from '../../src/role/setup.ts'
import { HUB_ROLE } from '../../src/topology/shapes/star.ts'
import type { Plan } from '../plan.ts'
import { againFrom, toRead } from './again.ts'
import { type Arrivals, arrivals, arrive, pauseOf } from './arrivals.ts'
import { type Progress, progressOn } from './progress.ts'
import { transcriptOf } from './thought.ts'
import { isFound, verdict } from './verdict.ts'
import { type WorkResult, work } from './work.ts'

const { job, report, request, result } = work.messages

type SupervisorContext = AgentContext &
  Arrivals &
  Progress & {
    /** The result that it reads, and the seat that it came from. */
    readonly work: WorkResult | null
    readonly from: string
    /** The task of each seat that has one. */
    readonly seats: Readonly<Record<string, string>>
    /** Seats without one. */
    readonly free: readonly string[]
    /** Seats that there have been. */
    readonly made: number
    /** How often a task was sent back, where it was. */
    readonly rounds: Readonly<Record<string, number>>
    /** Tokens of all that it has read: they stay in its context. */
    readonly read: number
  }

/** @param slots tasks that may be out at once: one for each worker */
export function supervisor(plan: Plan, slots: number): Role {
  const { tasks } = plan
  const progress = progressOn(plan)
  const roundOf = ({ rounds, work }: SupervisorContext) => rounds[work!.task] ?? 0
  const ready = (context: SupervisorContext) =>
    progress.ready(context, context.arrived, Math.max(0, slots - context.out))
  const isOver = (context: SupervisorContext) =>
    context.out === 0 &&
    context.arrived === tasks.length &&
    progress.ready(context, context.arrived, 1).length === 0
  const thought = (kind: 'read' | 'check', context: SupervisorContext) => ({
    transcript: transcriptOf({
      kind,
      task: context.work!.task,
      round: roundOf(context),
      given: { tokens: context.read + toRead(context.work!).tokens, wrong: context.work!.wrong },
    }),
  })

  const machine = roleSetup<SupervisorContext, typeof job | typeof result, typeof report | typeof request>([
    verdict,
  ])
    .extend({
      delays: { pause: pauseOf(plan) },
      actions: { arrive: assign(({ context }) => arrive(plan, context)) },
    })
    .createMachine({
      id: 'supervisor',
      context: ({ input }) => ({
        ...newAgent(input),
        ...progress.none,
        ...{ arrived: 0, work: null, from: '', seats: {}, free: [], made: 0, rounds: {}, read: 0 },
      }),
      type: 'parallel',
      states: {
        arrivals: arrivals(plan),
        hub: {
          initial: 'open',
          states: {
            open: {
              always: [
                { guard: ({ context }) => ready(context).length > 0, target: 'handing' },
                { guard: ({ context }) => tasks.length > 0 && isOver(context), target: 'reported' },
              ],
              on: {
                'work.result': {
                  target: 'reading',
                  actions: assign(({ event }) => ({
                    work: event.body,
                    from: nameOf(event.from.conversation),
                  })),
                },
                // Its conversation is over, and so is the seat.
                failure: {
                  actions: assign(({ context, event }) => {
                    const { [seatOf(event)]: task = '', ...seats } = context.seats
                    return { ...progress.failed(context, task), seats }
                  }),
                },
              },
            },
            handing: {
              entry: enqueueActions(({ context, enqueue }) => {
                const handed = ready(context)
                const fresh = Math.max(0, handed.length - context.free.length)
                const made = Array.from({ length: fresh }, (_, index) => `seat-${context.made + index + 1}`)
                const free = [...context.free, ...made]
                for (const [index, task] of handed.entries())
                  enqueue.emit({
                    type: 'work.request' as const,
                    body: {
                      ...{ task: task.name, given: progress.given(context, task) },
                      ...{ awaits: 0, round: 0, goesOn: true },
                    },
                    to: { role: 'worker', conversation: free[index]! },
                  })
                enqueue.assign({
                  ...progress.handed(context, handed),
                  free: free.slice(handed.length),
                  made: context.made + fresh,
                  seats: {
                    ...context.seats,
                    ...Object.fromEntries(handed.map(({ name }, index) => [free[index]!, name])),
                  },
                })
              }),
              always: 'open',
            },
            reading: {
              invoke: {
                id: 'read',
                src: 'chat',
                input: ({ context }) => thought('read', context),
                onDone: [
                  {
                    guard: ({ context }) => plan.rounds !== null && roundOf(context) < plan.rounds,
                    target: 'checking',
                  },
                  { target: 'taken' },
                ],
                onError: 'taken',
              },
            },
            checking: {
              invoke: {
                id: 'check',
                src: 'chat',
                input: ({ context }) => thought('check', context),
                onDone: [
                  { guard: ({ event }) => isFound(event.output as ChatOutput), target: 'redoing' },
                  { target: 'taken' },
                ],
                onError: 'taken',
              },
            },
            redoing: {
              entry: [
                assign(({ context }) => ({
                  rounds: { ...context.rounds, [context.work!.task]: roundOf(context) + 1 },
                  read: context.read + context.work!.tokens,
                })),
                emit(({ context }) => ({
                  type: 'work.request' as const,
                  body: {
                    ...{ task: context.work!.task, given: againFrom(context.work!) },
                    ...{ awaits: 0, round: roundOf(context), goesOn: true },
                  },
                  to: { role: 'worker', conversation: context.from },
                })),
              ],
              always: 'open',
            },
            taken: {
              entry: assign(({ context }) => {
                const { [context.from]: _, ...seats } = context.seats
                return {
                  ...progress.finished(context, context.work!),
                  read: context.read + context.work!.tokens,
                  work: null,
                  seats,
                  free: [...context.free, context.from],
                }
              }),
              always: 'open',
            },
            reported: {
              type: 'final',
              entry: emit(({ context }) => ({
                type: 'work.report' as const,
                body: progress.reported(context),
              })),
            },
          },
        },
      },
    })

  return defineRole({
    name: HUB_ROLE,
    description: 'holds the plan, hands out every task and reads every result',
    instructions: '',
    accepts: [job, result],
    answers: [report],
    sends: [request],
    modelAnswers: [verdict],
    machine,
  })
}

const seatOf = ({ body }: FailureEvent): string => (body.of === null ? '' : nameOf(partsOf(body.of).to))
