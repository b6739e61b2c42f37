/** Two who wait for each other and can answer while they wait. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { answer } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import { between, type GoodKind } from './good-run.ts'

const { admit, discharge, examine, examined, history, told } = defineProtocol(
  'clinic',
  1,
  {
    admit: z.object({ patient: z.string() }),
    discharge: z.object({ finding: z.string() }),
    examine: z.object({ patient: z.string() }),
    examined: z.object({ finding: z.string() }),
    history: z.object({ about: z.string() }),
    told: z.object({ text: z.string() }),
  },
  { admit: ['discharge'], examine: ['examined'], history: ['told'] },
).messages

/** While it waits for the specialist it answers his questions. */
const physician = defineRole({
  name: 'house-doctor',
  description: 'admits patients',
  instructions: '',
  accepts: [admit, examined, history],
  answers: [discharge, told],
  sends: [examine],
  machine: roleSetup<
    AgentContext,
    typeof admit | typeof examined | typeof history,
    typeof discharge | typeof told | typeof examine
  >([]).createMachine({
    id: 'house-doctor',
    context: ({ input }) => newAgent(input),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'clinic.admit': {
            target: 'consulting',
            actions: emit(({ event }) => ({
              type: 'clinic.examine' as const,
              body: event.body,
              to: { role: 'specialist', conversation: 'ward' },
            })),
          },
        },
      },
      consulting: {
        on: {
          'clinic.history': {
            actions: emit(({ event }) => ({
              type: 'clinic.told' as const,
              body: { text: `as to ${event.body.about}: nothing of note` },
            })),
          },
          'clinic.examined': {
            target: 'discharged',
            actions: emit(({ event }) => ({ type: 'clinic.discharge' as const, body: event.body })),
          },
          failure: 'failed',
        },
      },
      discharged: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const finding = { type: 'finding', body: z.object({ finding: z.string() }) }
type SpecialistContext = AgentContext & { readonly told: number }

const specialist = (questions: number) =>
  defineRole({
    name: 'specialist',
    description: 'examines patients',
    instructions: '',
    accepts: [examine, told],
    answers: [examined],
    sends: [history],
    modelAnswers: [finding],
    policy: ({ transcript }) => answer(finding, { finding: `sound, after ${transcript.length} letters` }),
    machine: roleSetup<SpecialistContext, typeof examine | typeof told, typeof examined | typeof history>([
      finding,
    ]).createMachine({
      id: 'specialist',
      context: ({ input }) => ({ ...newAgent(input), told: 0 }),
      initial: 'waiting',
      states: {
        waiting: { on: { 'clinic.examine': { target: 'sounding', actions: 'hear' } } },
        sounding: {
          entry: emit(({ context }) => ({
            type: 'clinic.history' as const,
            body: { about: ['sleep', 'falls', 'heart'][context.told] ?? 'anything else' },
            to: { role: 'house-doctor', conversation: 'goal' },
          })),
          on: {
            'clinic.told': {
              target: 'noting',
              actions: ['hear', assign(({ context }) => ({ told: context.told + 1 }))],
            },
            failure: 'failed',
          },
        },
        noting: {
          always: [
            { guard: ({ context }) => context.told === questions, target: 'thinking' },
            { target: 'sounding' },
          ],
        },
        ...agentStates({ answered: 'examined', gaveUp: 'failed' }),
        examined: {
          type: 'final',
          entry: emit(({ context }) => ({
            type: 'clinic.examined' as const,
            body: context.answer!.body as { finding: string },
          })),
        },
        failed: { type: 'final', entry: 'sayProblem' },
      },
    }),
  })

export const consultation: GoodKind = {
  name: 'consultation',
  async run(seed, random) {
    const questions = between(random, 1, 3)
    const { spans } = await stage({
      seed,
      goal: 'examine a patient',
      start: { role: 'house-doctor', message: admit, body: { patient: 'the miller' }, answers: [discharge] },
      processes: [process('ward', physician), process('practice', specialist(questions))],
      pace: { specialist: { slowestMs: between(random, 1_000, 12_000) } },
    })
    return {
      note: `he who is asked asks back ${questions} times, and is answered by who waits for him`,
      due: [],
      spans,
    }
  },
}
