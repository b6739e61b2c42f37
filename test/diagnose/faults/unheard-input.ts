/** What one agent said and another never used: it had ended before it came. */
import { emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../../src/role/agent-context.ts'
import { agentStates } from '../../../src/role/agent-states.ts'
import { defineRole } from '../../../src/role/define.ts'
import { roleSetup } from '../../../src/role/setup.ts'
import { gatherer } from '../gatherer.ts'
import { answer, steps } from '../paced-model.ts'
import { process, stage } from '../stage.ts'
import type { PlantedFault } from './fault.ts'

const { brief, binder, draw, memo, copy, copies, consult, advice } = defineProtocol(
  'chambers',
  1,
  {
    brief: z.object({ matter: z.string() }),
    binder: z.object({ memo: z.string(), pages: z.number() }),
    draw: z.object({ matter: z.string() }),
    memo: z.object({ text: z.string() }),
    copy: z.object({ matter: z.string() }),
    copies: z.object({ pages: z.number() }),
    consult: z.object({ matter: z.string() }),
    advice: z.object({ text: z.string() }),
  },
  { brief: ['binder'], draw: ['memo'], copy: ['copies'], consult: ['advice'] },
).messages

const counsel = gatherer({
  name: 'counsel',
  takes: brief,
  gives: binder,
  asks: [draw, copy],
  hears: [memo, copies],
  parts: (body: { matter: string }) => [
    { role: 'partner', name: 'memo', message: draw, body },
    { role: 'clerk', name: 'copies', message: copy, body },
  ],
  compose: ({ found }) => ({
    memo: (found.memo as { text: string }).text,
    pages: (found.copies as { pages: number }).pages,
  }),
})

/** The mistake: it consults somebody, and ends with a memo of its own before it has heard. */
const partner = defineRole({
  name: 'partner',
  description: 'draws up memos',
  instructions: '',
  accepts: [draw, advice],
  answers: [memo],
  sends: [consult],
  policy: steps(answer(memo, { text: 'There is nothing to fear.' })),
  machine: roleSetup<AgentContext, typeof draw | typeof advice, typeof memo | typeof consult>([
    memo,
  ]).createMachine({
    id: 'partner',
    context: ({ input }) => newAgent(input),
    initial: 'idle',
    states: {
      idle: { on: { 'chambers.draw': { target: 'consulting', actions: 'hear' } } },
      consulting: {
        entry: emit(({ event }) => ({
          type: 'chambers.consult' as const,
          body: (event as { body: { matter: string } }).body,
          to: { role: 'associate', conversation: 'tax-law' },
        })),
        // Somebody answers at once, he thought.
        after: { 500: 'thinking' },
        on: { 'chambers.advice': { target: 'thinking', actions: 'hear' } },
      },
      ...agentStates({ answered: 'drawn', gaveUp: 'failed' }),
      drawn: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'chambers.memo' as const,
          body: context.answer!.body as { text: string },
        })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

const associate = defineRole({
  name: 'associate',
  description: 'knows the law',
  instructions: '',
  accepts: [consult],
  answers: [advice],
  policy: steps(answer(advice, { text: 'the tax is due at once' })),
})

const clerk = defineRole({
  name: 'clerk',
  description: 'copies',
  instructions: '',
  accepts: [copy],
  answers: [copies],
  policy: steps(answer(copies, { pages: 212 })),
})

export const goneBefore: PlantedFault = {
  name: 'gone before',
  what: 'A partner asks for advice and ends before it comes, long before the end of the run.',
  code: 'ignored-input',
  blame: ['memo', 'tax-law'],
  innocent: ['copies'],
  run: () =>
    stage({
      goal: 'a binder',
      start: { role: 'counsel', message: brief, body: { matter: 'the new contract' }, answers: [binder] },
      processes: [process('firm', counsel, partner), process('back office', associate, clerk)],
      pace: { clerk: { slowestMs: 60_000 }, associate: { slowestMs: 16_000 } },
    }),
}
