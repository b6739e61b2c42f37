/** What is played: two roles that hit a ball back and forth, with machines that do nothing else. */
import { assign, emit, setup } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../protocols/define.ts'
import { createRegistry } from '../protocols/registry.ts'
import { createCodec } from '../src/codec/codec.ts'
import { defineRole } from '../src/role/define.ts'
import type { RoleEmitted, RoleEvent } from '../src/role/setup.ts'
import type { ConversationInput } from '../src/turn/behaviour.ts'

const strokeSchema = z.object({
  hit: z.number().int().min(0),
  /** Hits after which the rally is over. */
  of: z.number().int().positive(),
  ball: z.string(),
})
type Stroke = z.infer<typeof strokeSchema>

export const rally = defineProtocol(
  'rally',
  1,
  {
    /** Begins a rally at a ping. */
    serve: strokeSchema,
    ping: strokeSchema,
    pong: strokeSchema,
  },
  { ping: ['pong'] },
)
const { serve, ping, pong } = rally.messages

export const rallyCodec = createCodec(createRegistry([rally]))

/** With it a body has some 256 bytes. */
const BALL = 'o'.repeat(220)

export const stroke = (hit: number, of: number): Stroke => ({ hit, of, ball: BALL })

/** The conversations of a rally, by name inside the run. */
export const pingName = (rally: number) => `ping-${rally}`
const pongName = (ping: string) => ping.replace('ping', 'pong')

const hitBack = (last: Stroke, conversation: string) => ({
  type: ping.type,
  body: stroke(last.hit + 1, last.of),
  to: { role: 'pong', conversation },
})

/** Takes the serve, and plays until the ball was hit often enough. */
export const pingRole = defineRole({
  name: 'ping',
  description: 'Plays a rally with a pong',
  instructions: '',
  accepts: [serve, pong],
  answers: [],
  sends: [ping],
  machine: setup({
    types: {} as {
      context: { readonly partner: string }
      input: ConversationInput
      events: RoleEvent<typeof serve | typeof pong>
      emitted: RoleEmitted<typeof ping>
    },
  }).createMachine({
    id: 'ping',
    context: ({ input }) => ({ partner: pongName(input.name) }),
    initial: 'playing',
    states: {
      playing: {
        on: {
          'rally.serve': { actions: emit(({ context, event }) => hitBack(event.body, context.partner)) },
          'rally.pong': [
            {
              guard: ({ event }) => event.body.hit < event.body.of,
              actions: emit(({ context, event }) => hitBack(event.body, context.partner)),
            },
            { target: 'over' },
          ],
        },
      },
      over: { type: 'final' },
    },
  }),
})

/** Rallies that one peer can be in at once. */
export const RALLIES = 64

/** Answers every ball. */
export const pongRole = defineRole({
  name: 'pong',
  description: 'Hits the ball back',
  instructions: '',
  accepts: [ping],
  answers: [pong],
  concurrency: RALLIES,
  machine: setup({
    types: {} as {
      context: { readonly hits: number }
      events: RoleEvent<typeof ping>
      emitted: RoleEmitted<typeof pong>
    },
  }).createMachine({
    id: 'pong',
    context: { hits: 0 },
    initial: 'playing',
    states: {
      playing: {
        on: {
          'rally.ping': {
            actions: [
              assign(({ context }) => ({ hits: context.hits + 1 })),
              emit(({ event }) => ({ type: pong.type, body: event.body })),
            ],
          },
        },
      },
    },
  }),
})
