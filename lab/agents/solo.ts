/**
 * One agent that does everything, one task after another: the baseline. Nobody waits for messages, and all that it ever
 * said stays in its context.
 */
import { assign, emit } from 'xstate'
import { boardTools } from '../../src/coordination/blackboard-tools.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { type ChatOutput, roleSetup } from '../../src/role/setup.ts'
import type { Plan } from '../plan.ts'
import { againFrom } from './again.ts'
import { type Arrivals, arrivals, arrive, pauseOf } from './arrivals.ts'
import { type Progress, progressOn } from './progress.ts'
import { entriesOf, type SharedContext, sharedBoard, sharedChange } from './shared-entry.ts'
import { transcriptOf } from './thought.ts'
import { isFound, verdict } from './verdict.ts'
import { type Given, type WorkResult, work } from './work.ts'

const { job, report, result } = work.messages

type SoloContext = SharedContext &
  Arrivals &
  Progress & {
    readonly work: WorkResult | null
    /** How often the task in hand was done anew. */
    readonly round: number
    /** Tokens of all that it said: they stay in its context. */
    readonly said: number
  }

export function solo(plan: Plan): Role {
  const { tasks } = plan
  const progress = progressOn(plan)
  const next = (context: SoloContext) => progress.ready(context, context.arrived, 1)[0]
  const entryOf = entriesOf(plan)
  const change = sharedChange<SoloContext>((context) => entryOf!(next(context)!.name))
  const isShared = () => entryOf !== undefined
  const isOver = (context: SoloContext) => context.ended === tasks.length
  const inContext = ({ said }: SoloContext, { wrong }: Given): Given => ({ tokens: said, wrong })

  const machine = roleSetup<SoloContext, typeof job, typeof report>([result, verdict])
    .extend({
      delays: { pause: pauseOf(plan) },
      actions: {
        arrive: assign(({ context }) => arrive(plan, context)),
        keep: assign(({ context, event }) => {
          const done = workIn((event as unknown as { output: ChatOutput }).output)
          return { work: done, said: context.said + done.tokens }
        }),
      },
    })
    .createMachine({
      id: 'solo',
      context: ({ input }) => ({
        ...newAgent(input),
        ...{ ...progress.none, ...change.none },
        ...{ arrived: 0, work: null, round: 0, said: 0 },
      }),
      type: 'parallel',
      states: {
        arrivals: arrivals(plan),
        work: {
          initial: 'open',
          states: {
            open: {
              always: [
                {
                  guard: ({ context }) => next(context) !== undefined && isShared(),
                  target: 'readingEntry',
                },
                { guard: ({ context }) => next(context) !== undefined, target: 'doing' },
                { guard: ({ context }) => isOver(context), target: 'reported' },
              ],
            },
            doing: {
              entry: assign({ round: 0 }),
              invoke: {
                id: 'do',
                src: 'chat',
                input: ({ context }) => {
                  const task = next(context)!
                  const given = inContext(context, progress.given(context, task))
                  return { transcript: transcriptOf({ kind: 'do', task: task.name, round: 0, given }) }
                },
                onDone: { target: 'did', actions: 'keep' },
                onError: { target: 'failed', actions: 'giveUp' },
              },
            },
            did: { always: [{ guard: isShared, target: 'changingEntry' }, 'kept'] },
            // Nobody else changes an entry: it never thinks again.
            ...change.states({ thinks: 'doing', written: 'kept', left: 'kept', gaveUp: 'failed' }),
            kept: { always: [{ guard: () => plan.rounds !== null, target: 'checking' }, 'finished'] },
            checking: {
              invoke: {
                id: 'check',
                src: 'chat',
                input: ({ context }) => ({
                  transcript: transcriptOf({
                    ...{ kind: 'check', task: context.work!.task, round: context.round },
                    given: inContext(context, context.work!),
                  }),
                }),
                onDone: [
                  {
                    guard: ({ context, event }) => context.round < plan.rounds! && isFound(event.output),
                    target: 'redoing',
                  },
                  { target: 'finished' },
                ],
                onError: { target: 'failed', actions: 'giveUp' },
              },
            },
            redoing: {
              entry: assign(({ context }) => ({ round: context.round + 1 })),
              invoke: {
                id: 'redo',
                src: 'chat',
                input: ({ context }) => ({
                  transcript: transcriptOf({
                    ...{ kind: 'do', task: context.work!.task, round: context.round },
                    given: inContext(context, againFrom(context.work!)),
                  }),
                }),
                onDone: { target: 'did', actions: 'keep' },
                onError: { target: 'failed', actions: 'giveUp' },
              },
            },
            finished: {
              entry: assign(({ context }) => ({
                ...progress.finished({ ...context, out: context.out + 1 }, context.work!),
                work: null,
              })),
              always: 'open',
            },
            reported: {
              type: 'final',
              entry: emit(({ context }) => ({
                type: 'work.report' as const,
                body: progress.reported(context),
              })),
            },
            failed: { type: 'final', entry: 'sayProblem' },
          },
        },
      },
    })

  return defineRole({
    name: 'solo',
    description: 'does all of a plan alone',
    instructions: '',
    accepts: [job],
    answers: [report],
    modelAnswers: [result, verdict],
    machineTools: entryOf === undefined ? [] : boardTools(sharedBoard),
    machine,
  })
}

/** What it said of a task. Its model says nothing else where it was asked to do one. */
const workIn = ({ answer }: ChatOutput): WorkResult => result.body.parse(answer?.body)
