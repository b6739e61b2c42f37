/**
 * A flock in which a question goes from hand to hand: each owner finds somebody of the next roles on its way who takes
 * it, and whoever is left with it answers. Some are shy and decline, some never say a word.
 */
import { assign, emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { handoff } from '../../protocols/handoff.ts'
import {
  type GiverAccepts,
  type GiverContext,
  type GiverSends,
  handingOver,
  type TakerAccepts,
  type TakerContext,
  type TakerSends,
  takingOver,
} from '../../src/coordination/handoff.ts'
import type { OfflinePolicy } from '../../src/model/offline.ts'
import { newAgent } from '../../src/role/agent-context.ts'
import { agentStates } from '../../src/role/agent-states.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'

/** `way`: the roles that each owner in turn is to find somebody of. */
const workSchema = z.object({ question: z.string(), way: z.array(z.array(z.string())) })

export const support = defineProtocol(
  'support',
  1,
  { ask: workSchema, reply: z.object({ text: z.string(), owners: z.number() }) },
  { ask: ['reply'] },
)
const { ask, reply } = support.messages

export const escalate = handoff('escalate', { work: workSchema, answers: [reply] })
const { offer, accept, decline, transfer } = escalate.messages
type Escalate = typeof escalate

type ClerkContext = GiverContext<Escalate> & TakerContext<Escalate>

const clerk = (name: string, offerMs: number, moves: number) => {
  const give = handingOver(escalate, { offerMs, moves })
  const take = takingOver(escalate)
  const machine = roleSetup<
    ClerkContext,
    typeof ask | GiverAccepts<Escalate> | TakerAccepts<Escalate>,
    typeof reply | GiverSends<Escalate> | TakerSends<Escalate>
  >([reply]).createMachine({
    id: name,
    context: ({ input }) => ({ ...newAgent(input), ...give.none, ...take.none }),
    initial: 'unoffered',
    on: {
      'support.ask': {
        target: '.owning',
        actions: assign(({ context, event }) => ({
          taken: { ...context.taken, request: event.id, work: event.body },
        })),
      },
    },
    states: {
      ...take.states({ offered: 'acceptingWork', owned: 'owning' }),
      owning: {
        always: [
          {
            guard: ({ context }) => context.taken.work!.way.length > 0,
            target: 'offeringWork',
            actions: assign(({ context }) => {
              const { question, way } = context.taken.work!
              const [roles = [], ...rest] = way
              return give.give(
                context,
                context.taken,
                { question, way: rest },
                roles.map((role) => ({ role })),
              )
            }),
          },
          { target: 'thinking' },
        ],
      },
      ...give.states({ given: 'over', kept: 'thinking' }),
      ...agentStates({ answered: 'replying', gaveUp: 'failed' }),
      over: { type: 'final' },
      replying: {
        type: 'final',
        entry: emit(({ context }) => ({
          type: 'support.reply' as const,
          body: { text: 'yes', owners: context.taken.trail.length + 1 },
        })),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  })
  return defineRole({
    ...{ name, description: 'has questions', instructions: '' },
    accepts: [ask, offer, accept, decline, transfer],
    answers: [reply, accept, decline],
    sends: [offer, transfer],
    machine,
    policy,
    concurrency: 2,
  })
}

const policy: OfflinePolicy = () => ({
  kind: 'answer',
  type: 'support.reply',
  body: { text: 'yes', owners: 1 },
})

const take = takingOver(escalate)
const takerSetup = roleSetup<TakerContext<Escalate>, TakerAccepts<Escalate>, TakerSends<Escalate>>([])
const is = {
  description: 'takes nothing',
  instructions: '',
  accepts: [offer, transfer],
  answers: [accept, decline],
}
const shy = defineRole({
  name: 'shy',
  ...is,
  machine: takerSetup.createMachine({
    context: ({ input }) => ({ ...newAgent(input), ...take.none }),
    initial: 'unoffered',
    states: {
      ...take.states({ offered: 'deciding', owned: 'deciding' }),
      deciding: {
        always: {
          target: 'decliningWork',
          actions: assign(({ context }) => take.refuse(context, 'I am shy')),
        },
      },
    },
  }),
})
const mute = defineRole({
  name: 'mute',
  ...is,
  machine: takerSetup.createMachine({
    context: ({ input }) => ({ ...newAgent(input), ...take.none }),
    initial: 'unoffered',
    states: { ...take.states({ offered: 'silent', owned: 'silent' }), silent: {} },
  }),
})
/** Says yes, and is gone. */
const fickle = defineRole({
  name: 'fickle',
  ...is,
  machine: takerSetup.createMachine({
    context: ({ input }) => ({ ...newAgent(input), ...take.none }),
    initial: 'unoffered',
    states: {
      ...take.states({ offered: 'leaving', owned: 'leaving' }),
      leaving: { type: 'final', entry: emit({ type: 'escalate.accept' as const, body: {} }) },
    },
  }),
})

export const helpdeskFlock = (way: readonly string[][], offerMs: number, moves = 8): SimulatedFlock => ({
  crew: [
    { role: clerk('desk', offerMs, moves), count: 1 },
    { role: clerk('expert', offerMs, moves), count: 2 },
    { role: shy, count: 1 },
    { role: mute, count: 1 },
    { role: fickle, count: 1 },
  ],
  start: { role: 'desk', message: ask, body: { question: 'why?', way: [...way] }, answers: [reply] },
  blobs: timelessBlobs(),
  outcomeOf: ({ kind }) => kind,
  check: () => undefined, // the tests look at it
})
