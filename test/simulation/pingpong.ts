/** Two that play for ever, as far as they are concerned: their run ends when nobody may send the ball back. */
import { emit } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { type AgentContext, newAgent } from '../../src/role/agent-context.ts'
import { defineRole } from '../../src/role/define.ts'
import { roleSetup } from '../../src/role/setup.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { timelessBlobs } from '../../src/simulation/timeless-blobs.ts'

const pingpong = defineProtocol(
  'pingpong',
  1,
  { serve: z.object({}), ball: z.object({}), won: z.object({}) },
  { serve: ['won'] },
)
const { serve, ball, won } = pingpong.messages

/** A player that sends the ball to another one, in one conversation each, whenever it comes. */
const player = (name: string, other: string) =>
  defineRole({
    name,
    description: 'plays',
    instructions: '',
    accepts: [serve, ball],
    answers: [won],
    sends: [ball],
    machine: roleSetup<AgentContext, typeof serve | typeof ball, typeof won | typeof ball>([]).createMachine({
      id: name,
      context: ({ input }) => newAgent(input),
      initial: 'playing',
      states: {
        playing: {
          on: { 'pingpong.serve': 'hitting', 'pingpong.ball': 'hitting' },
        },
        hitting: {
          entry: emit({ type: 'pingpong.ball' as const, body: {}, to: { role: other, conversation: other } }),
          always: 'playing',
        },
      },
    }),
  })

export const HOPS = 12

export const pingpongFlock = (): SimulatedFlock => ({
  crew: [
    { role: player('ping', 'pong'), count: 1 },
    { role: player('pong', 'ping'), count: 1 },
  ],
  start: { role: 'ping', message: serve, body: {}, answers: [won] },
  hops: HOPS,
  unanswered: 'exhausted',
  blobs: timelessBlobs(),
  outcomeOf: ({ kind }) => kind,
  check: (output) => `nobody wins: ${JSON.stringify(output)}`,
})
