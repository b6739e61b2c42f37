/**
 * The checker: looks at the result of one task before it goes on. What it finds wrong is done anew, by whoever of the
 * workers is free, as often as the plan allows; then it goes on as it is.
 */
import { assign, emit } from 'xstate'
import { type AgentContext, newAgent, passedOn } from '../../src/role/agent-context.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import { againFrom, toRead } from './again.ts'
import { transcriptOf } from './thought.ts'
import { isFound, verdict } from './verdict.ts'
import { type WorkResult, work } from './work.ts'

const { request, result, check } = work.messages

type CheckerContext = AgentContext & {
  readonly wanted: boolean
  readonly work: WorkResult | null
  /** Whose work it is. */
  readonly by: string
  /** Times that the work was sent back. */
  readonly round: number
}

/** @param rounds times that work may be sent back */
export function checker(rounds: number): Role {
  const machine = roleSetup<CheckerContext, typeof check | typeof result, typeof result | typeof request>([
    verdict,
  ]).createMachine({
    id: 'checker',
    context: ({ input }) => ({ ...newAgent(input), wanted: false, work: null, by: '', round: 0 }),
    initial: 'gathering',
    states: {
      gathering: {
        always: { guard: ({ context }) => context.wanted && context.work !== null, target: 'looking' },
        on: {
          'work.check': { actions: assign({ wanted: true }) },
          'work.result': {
            actions: assign(({ event }) => ({ work: event.body, by: event.from.role })),
          },
          failure: {
            target: 'waitingForTask',
            actions: assign(({ event }) => ({
              problem: event.body.reason,
              problemKind: passedOn(event.body.kind),
            })),
          },
        },
      },
      // It can say so only once it knows whom to tell.
      waitingForTask: {
        always: { guard: ({ context }) => context.wanted, target: 'failed' },
        on: { 'work.check': { actions: assign({ wanted: true }) } },
      },
      looking: {
        invoke: {
          id: 'look',
          src: 'chat',
          input: ({ context: { work, round } }) => ({
            transcript: transcriptOf({ kind: 'check', task: work!.task, round, given: toRead(work!) }),
          }),
          onDone: [
            {
              guard: ({ context, event }) => context.round < rounds && isFound(event.output),
              target: 'redoing',
            },
            { target: 'passed' },
          ],
          onError: { target: 'failed', actions: 'giveUp' },
        },
      },
      redoing: {
        entry: [
          assign(({ context }) => ({ round: context.round + 1 })),
          emit(({ context: { work, by, round } }) => ({
            type: 'work.request' as const,
            // It has the faulty work before it as well.
            body: { task: work!.task, awaits: 0, given: againFrom(work!), round, goesOn: false },
            to: { role: by, conversation: `${work!.task}-r${round}` },
          })),
        ],
        on: {
          'work.result': { target: 'looking', actions: assign(({ event }) => ({ work: event.body })) },
          failure: { target: 'passed' },
        },
      },
      passed: {
        type: 'final',
        entry: emit(({ context }) => ({ type: 'work.result' as const, body: context.work! })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  })
  return defineRole({
    name: 'checker',
    description: 'looks at results before they go on',
    instructions: '',
    accepts: [check, result],
    answers: [result],
    sends: [request],
    modelAnswers: [verdict],
    machine,
  })
}
