import { assign, emit } from 'xstate'
import { z } from 'zod'
import {
  agentStates,
  defineProtocol,
  type GiverAccepts,
  type GiverContext,
  type GiverSends,
  handingOver,
  handoff,
  newAgent,
  roleSetup,
  type TakerAccepts,
  type TakerContext,
  type TakerSends,
  takingOver,
} from '../../../src/index.ts'

const support = defineProtocol(
  'support',
  1,
  { ask: z.object({ question: z.string() }), reply: z.object({ text: z.string() }) },
  { ask: ['reply'] },
)
type Reply = typeof support.messages.reply

const escalate = handoff('escalate', {
  work: z.object({ question: z.string() }),
  answers: [support.messages.reply],
})
type Escalate = typeof escalate

// Who is asked first: finds an expert, of law or else of engineering, or answers as well as it can.
const give = handingOver(escalate, { offerMs: 5_000 })

export const frontDesk = roleSetup<
  GiverContext<Escalate>,
  typeof support.messages.ask | GiverAccepts<Escalate>,
  Reply | GiverSends<Escalate>
>([support.messages.reply]).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...give.none }),
  initial: 'open',
  states: {
    open: {
      on: {
        'support.ask': {
          target: 'offeringWork',
          actions: [
            'hear',
            assign(({ context, event }) =>
              give.give(context, { request: event.id }, event.body, [
                { role: 'lawyer' },
                { role: 'engineer' },
              ]),
            ),
          ],
        },
      },
    },
    ...give.states({ given: 'over', kept: 'thinking' }),
    ...agentStates({ answered: 'replying', gaveUp: 'failed' }),
    replying: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'support.reply',
        body: support.messages.reply.body.parse(context.answer?.body),
      })),
    },
    failed: { type: 'final', entry: 'sayProblem' },
    over: { type: 'final' },
  },
})

// An expert: takes short questions, and owes their answers once they are its own.
const take = takingOver(escalate)

export const expert = roleSetup<TakerContext<Escalate>, TakerAccepts<Escalate>, Reply | TakerSends<Escalate>>(
  [support.messages.reply],
).createMachine({
  context: ({ input }) => ({ ...newAgent(input), ...take.none }),
  initial: 'unoffered',
  states: {
    ...take.states({ offered: 'weighing', owned: 'thinking' }),
    weighing: {
      always: [
        { guard: ({ context }) => context.taken.work!.question.length < 500, target: 'acceptingWork' },
        { target: 'decliningWork', actions: assign(({ context }) => take.refuse(context, 'it is too long')) },
      ],
    },
    ...agentStates({ answered: 'replying', gaveUp: 'failed' }),
    replying: {
      type: 'final',
      entry: emit(({ context }) => ({
        type: 'support.reply',
        body: support.messages.reply.body.parse(context.answer?.body),
      })),
    },
    failed: { type: 'final', entry: 'sayProblem' },
  },
})
