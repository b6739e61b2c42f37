/**
 * The worker: waits until the results that its task needs are in, thinks once, answers. A join is a state, as the
 * coder's. Where more may come in the same conversation it waits for that, and has forgotten what was before. Where
 * agents share entries it reads one before it thinks, and answers once it has changed it: it thinks again as often as
 * others are faster.
 */
import { assign, emit } from 'xstate'
import { boardTools } from '../../src/coordination/blackboard-tools.ts'
import { newAgent, passedOn } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { type RoleEmitted, roleSetup } from '../../src/role/setup.ts'
import {
  type EntryOfTask,
  NEVER_TOO_OFTEN,
  type SharedContext,
  sharedBoard,
  sharedChange,
} from './shared-entry.ts'
import { work } from './work.ts'

const { request, result } = work.messages

type WorkerContext = SharedContext & {
  /** What it works on; empty before the request is in. */
  readonly task: string
  /** Results that are still to come; null before the request is in. */
  readonly awaits: number | null
  readonly have: number
  readonly goesOn: boolean
}

function workerMachine(entryOf: EntryOfTask) {
  const change = sharedChange<WorkerContext>(({ task }) => entryOf!(task))
  const noTask = {
    transcript: [],
    answer: null,
    task: '',
    awaits: null,
    have: 0,
    goesOn: false,
    ...change.none,
  }
  const isShared = () => entryOf !== undefined
  // Others may keep it from an answer as often as they like.
  const limits = entryOf === undefined ? {} : { steps: NEVER_TOO_OFTEN }

  return roleSetup<WorkerContext, typeof request | typeof result, typeof result>(
    [result],
    {},
    limits,
  ).createMachine({
    id: 'worker',
    context: ({ input }) => ({ ...newAgent(input), ...noTask }),
    initial: 'gathering',
    states: {
      gathering: {
        always: [
          {
            guard: ({ context }) => context.awaits === context.have && isShared(),
            target: 'readingEntry',
          },
          { guard: ({ context }) => context.awaits === context.have, target: 'thinking' },
        ],
        on: {
          'work.request': {
            actions: [
              'hear',
              assign(({ event: { body } }) => ({
                ...{ task: body.task, awaits: body.awaits, goesOn: body.goesOn },
              })),
            ],
          },
          'work.result': { actions: ['hear', assign(({ context }) => ({ have: context.have + 1 }))] },
          failure: {
            target: 'waitingForTask',
            actions: assign(({ event }) => ({
              problem: `what the task needs failed: ${event.body.reason}`,
              problemKind: passedOn(event.body.kind),
            })),
          },
        },
      },
      // It can say so only once it knows whom to tell.
      waitingForTask: {
        always: { guard: ({ context }) => context.awaits !== null, target: 'failed' },
        on: { 'work.request': { actions: assign(({ event }) => ({ awaits: event.body.awaits })) } },
      },
      ...agentStates({ answered: 'thought', gaveUp: 'failed' }),
      thought: { always: [{ guard: isShared, target: 'changingEntry' }, 'answered'] },
      ...change.states({ thinks: 'thinking', written: 'answered', left: 'answered', gaveUp: 'failed' }),
      answered: {
        entry: emit(({ context }) => context.answer as RoleEmitted<typeof result>),
        always: [
          { guard: ({ context }) => context.goesOn, target: 'gathering', actions: assign(noTask) },
          { target: 'done' },
        ],
      },
      done: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  })
}

export const WORKER_ROLE = 'worker'
/** Of those who do one stage of a pipeline, from 1. */
export const stageRole = (stage: number): string => `stage-${stage}`

/** Whether a role does tasks that somebody hands out. */
export const isWorker = (role: string): boolean => role === WORKER_ROLE || role.startsWith('stage-')

/** @param name of its role */
export const workerNamed = (name: string, entryOf: EntryOfTask): Role =>
  defineRole({
    name,
    description: 'does one task',
    instructions: '',
    accepts: [request, result],
    answers: [result],
    machineTools: entryOf === undefined ? [] : boardTools(sharedBoard),
    machine: workerMachine(entryOf),
  })
