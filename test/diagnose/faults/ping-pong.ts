/** The same thing, back and forth: a case that two departments hand to each other, and a draft that nobody changes. */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { answer, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { complaint, transfer, settled } = defineProtocol(
  'helpdesk',
  1,
  {
    complaint: z.object({ text: z.string() }),
    transfer: z.object({ text: z.string() }),
    settled: z.object({ refund: z.number() }),
  },
  { complaint: ['settled'] },
).messages

const handOver = { type: 'hand-over', body: z.object({ why: z.string() }) }

type DepartmentContext = AgentContext & { readonly text: string }

/** The mistake: each of the two is told that refunds are the other one's business, and neither that it must decide. */
const department = (name: string, other: { role: string; conversation: string }) =>
  defineRole({
    name,
    description: 'deals with complaints',
    instructions: '',
    accepts: [complaint, transfer],
    answers: [settled],
    sends: [transfer],
    modelAnswers: [handOver],
    policy: steps(answer(handOver, { why: `refunds are for ${other.role}` })),
    machine: roleSetup<
      DepartmentContext,
      typeof complaint | typeof transfer,
      typeof settled | typeof transfer
    >([handOver]).createMachine({
      id: name,
      context: ({ input }) => ({ ...newAgent(input), text: '' }),
      initial: 'free',
      states: {
        free: {
          on: {
            'helpdesk.complaint': {
              target: 'thinking',
              actions: ['hear', assign(({ event }) => ({ text: event.body.text }))],
            },
            'helpdesk.transfer': {
              target: 'thinking',
              actions: ['hear', assign(({ event }) => ({ text: event.body.text }))],
            },
          },
        },
        ...agentStates({ answered: 'handing', gaveUp: 'failed' }),
        handing: {
          entry: [
            emit(({ context }) => ({
              type: 'helpdesk.transfer' as const,
              body: { text: context.text },
              to: other,
            })),
            assign({ answer: null }),
          ],
          always: 'free',
        },
        failed: { type: 'final', entry: 'sayProblem' },
      },
    }),
  })

export const handedBack: PlantedFault = {
  name: 'handed back',
  what: 'Billing and accounts transfer the same complaint to each other until no hops are left.',
  code: 'ping-pong',
  blame: ['goal', 'case'],
  run: () =>
    stage({
      goal: 'settle a complaint',
      start: {
        role: 'billing',
        message: complaint,
        body: { text: 'I was charged twice' },
        answers: [settled],
      },
      hops: 16,
      processes: [
        process('billing', department('billing', { role: 'accounts', conversation: 'case' })),
        process('accounts', department('accounts', { role: 'billing', conversation: 'goal' })),
      ],
    }),
}

const { order, poem, look, remarks } = defineProtocol(
  'verse',
  1,
  {
    order: z.object({ about: z.string() }),
    poem: z.object({ text: z.string() }),
    look: z.object({ text: z.string() }),
    remarks: z.object({ good: z.boolean(), remarks: z.array(z.string()) }),
  },
  { order: ['poem'], look: ['remarks'] },
).messages

const poet = defineRole({
  name: 'poet',
  description: 'writes verse until the critic likes it',
  instructions: '',
  accepts: [order, remarks],
  answers: [poem],
  sends: [look],
  // The mistake: the remarks never reach its prompt, so each draft is the first one.
  policy: steps(answer(poem, { text: 'Roses are red' })),
  machine: roleSetup<AgentContext, typeof order | typeof remarks, typeof poem | typeof look>([
    poem,
  ]).createMachine({
    id: 'poet',
    context: ({ input }) => newAgent(input),
    initial: 'idle',
    states: {
      idle: { on: { 'verse.order': { target: 'thinking', actions: 'hear' } } },
      ...agentStates({ answered: 'showing', gaveUp: 'failed' }),
      showing: {
        entry: emit(({ context }) => ({
          type: 'verse.look' as const,
          body: context.answer!.body as { text: string },
          to: { role: 'critic', conversation: `draft-${context.steps}` },
        })),
        on: {
          'verse.remarks': [
            { guard: ({ event }) => event.body.good, target: 'written' },
            { target: 'thinking' },
          ],
          failure: 'failed',
        },
      },
      written: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'verse.poem' as const,
          body: context.answer!.body as { text: string },
        })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const critic = defineRole({
  name: 'critic',
  description: 'judges verse',
  instructions: '',
  accepts: [look],
  answers: [remarks],
  policy: steps(answer(remarks, { good: false, remarks: ['it does not say what the occasion is'] })),
})

export const sameDraft: PlantedFault = {
  name: 'same draft',
  what: 'A poet shows a critic the same draft again and again, and gets the same remarks, until the deadline.',
  code: 'ping-pong',
  blame: ['goal', ...Array.from({ length: 30 }, (_, index) => `draft-${index + 1}`)],
  run: () =>
    stage({
      goal: 'a poem for the jubilee',
      start: { role: 'poet', message: order, body: { about: 'the jubilee' }, answers: [poem] },
      timeoutMs: 60_000,
      processes: [process('poet', poet), process('critic', critic)],
      seed: 2,
    }),
}
