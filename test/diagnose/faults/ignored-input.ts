/** What one agent said and another never used: it was kept for a state that never came. */
import { emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { answer, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { assignment, column, verify, verdict } = defineProtocol(
  'opinion-page',
  1,
  {
    assignment: z.object({ claim: z.string() }),
    column: z.object({ text: z.string() }),
    verify: z.object({ claim: z.string() }),
    verdict: z.object({ holds: z.boolean(), why: z.string() }),
  },
  { assignment: ['column'], verify: ['verdict'] },
).messages

type Column = { text: string }

/** The mistake: it takes the verdict only before it writes, and it begins to write as soon as it has asked. */
const columnist = defineRole({
  name: 'columnist',
  description: 'writes a column about a claim',
  instructions: '',
  accepts: [assignment, verdict],
  answers: [column],
  sends: [verify],
  policy: steps(answer(column, { text: 'As everybody knows, the tower leans to the east.' })),
  machine: roleSetup<AgentContext, typeof assignment | typeof verdict, typeof column | typeof verify>([
    column,
  ]).createMachine({
    id: 'columnist',
    context: ({ input }) => newAgent(input),
    initial: 'preparing',
    states: {
      preparing: {
        on: {
          'opinion-page.assignment': {
            target: 'thinking',
            actions: [
              'hear',
              emit(({ event }) => ({
                type: 'opinion-page.verify' as const,
                body: event.body,
                to: { role: 'fact-checker', conversation: 'claim' },
              })),
            ],
          },
          'opinion-page.verdict': { actions: 'hear' },
        },
      },
      ...agentStates({ answered: 'filed', gaveUp: 'failed' }),
      filed: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'opinion-page.column' as const,
          body: context.answer!.body as Column,
        })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const factChecker = defineRole({
  name: 'fact-checker',
  description: 'checks claims',
  instructions: '',
  accepts: [verify],
  answers: [verdict],
  policy: steps(answer(verdict, { holds: false, why: 'it leans to the south' })),
})

export const keptForNever: PlantedFault = {
  name: 'kept for never',
  what: 'A columnist asks a fact checker, is answered while it writes, and files without looking at the verdict.',
  code: 'ignored-input',
  blame: ['goal', 'claim'],
  run: () =>
    stage({
      goal: 'a column about the tower',
      start: {
        role: 'columnist',
        message: assignment,
        body: { claim: 'the tower leans to the east' },
        answers: [column],
      },
      processes: [process('writers', columnist), process('checkers', factChecker)],
      pace: { columnist: { slowestMs: 20_000 }, 'fact-checker': { slowestMs: 1_000 } },
    }),
}

const { journey, itinerary, book, change, booked } = defineProtocol(
  'travel',
  1,
  {
    journey: z.object({ to: z.string() }),
    itinerary: z.object({ train: z.string() }),
    book: z.object({ to: z.string(), day: z.string() }),
    change: z.object({ day: z.string() }),
    booked: z.object({ train: z.string() }),
  },
  { journey: ['itinerary'], book: ['booked'] },
).messages

/** It sends the change of plan two seconds after the order, and nobody answers a change. */
const secretary = defineRole({
  name: 'secretary',
  description: 'plans a journey',
  instructions: '',
  accepts: [journey, booked],
  answers: [itinerary],
  sends: [book, change],
  machine: roleSetup<
    AgentContext,
    typeof journey | typeof booked,
    typeof itinerary | typeof book | typeof change
  >([]).createMachine({
    id: 'secretary',
    context: ({ input }) => newAgent(input),
    initial: 'idle',
    states: {
      idle: {
        on: {
          'travel.journey': {
            target: 'ordered',
            actions: emit(({ event }) => ({
              type: 'travel.book' as const,
              body: { to: event.body.to, day: 'Monday' },
              to: { role: 'agency', conversation: 'seat' },
            })),
          },
        },
      },
      ordered: {
        after: {
          2000: {
            target: 'changed',
            actions: emit({
              type: 'travel.change',
              body: { day: 'Tuesday' },
              to: { role: 'agency', conversation: 'seat' },
            }),
          },
        },
      },
      changed: {
        on: {
          'travel.booked': {
            target: 'planned',
            actions: emit(({ event }) => ({ type: 'travel.itinerary' as const, body: event.body })),
          },
          failure: 'failed',
        },
      },
      planned: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

/** The mistake: it hears of changes only before it has an order. */
const agency = defineRole({
  name: 'agency',
  description: 'books trains',
  instructions: '',
  accepts: [book, change],
  answers: [booked],
  policy: steps(answer(booked, { train: 'Monday, 8:15' })),
  // So that it reads on while it books.
  concurrency: 2,
  machine: roleSetup<AgentContext, typeof book | typeof change, typeof booked>([booked]).createMachine({
    id: 'agency',
    context: ({ input }) => newAgent(input),
    initial: 'open',
    states: {
      open: {
        on: {
          'travel.book': { target: 'thinking', actions: 'hear' },
          'travel.change': { actions: 'hear' },
        },
      },
      ...agentStates({ answered: 'sold', gaveUp: 'failed' }),
      sold: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'travel.booked' as const,
          body: context.answer!.body as { train: string },
        })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

export const changeOfPlan: PlantedFault = {
  name: 'change of plan',
  what: 'An agency is told of another day while it books, never takes that in, and books the first day.',
  code: 'ignored-input',
  blame: ['seat'],
  run: () =>
    stage({
      goal: 'a train to the coast',
      start: { role: 'secretary', message: journey, body: { to: 'the coast' }, answers: [itinerary] },
      processes: [process('office', secretary), process('agency', agency)],
      pace: { agency: { slowestMs: 30_000 } },
    }),
}
