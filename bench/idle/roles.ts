/** Conversations with nothing to do, in the two ways there are; small ones, since what a machine keeps comes on top. */
import { assign, setup } from 'xstate'
import { z } from 'zod'
import { defineProtocol } from '../../protocols/define.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { createCodec } from '../../src/codec/codec.ts'
import { defineRole, type Role } from '../../src/role/define.ts'
import type { RoleEmitted, RoleEvent } from '../../src/role/setup.ts'

/** `parked`: nothing is pending, nobody owns it. `held`: a timer far away, so that a host owns it. */
export const KINDS = ['parked', 'held'] as const
export type Kind = (typeof KINDS)[number]

export const nap = defineProtocol('nap', 1, { nudge: z.object({}) })
const { nudge } = nap.messages

export const napCodec = createCodec(createRegistry([nap]))

/** Later than the end of any measurement. */
const FAR_AWAY_MS = 3_600_000
/** Enough that the host is never what is waited for. */
const CONCURRENCY = 64

/** Takes every nudge, and sleeps on. */
export const idleRole = (kind: Kind): Role =>
  defineRole({
    name: kind,
    description: 'Has nothing to do',
    instructions: '',
    accepts: [nudge],
    answers: [],
    concurrency: CONCURRENCY,
    machine: setup({
      types: {} as {
        context: { readonly nudges: number }
        events: RoleEvent<typeof nudge>
        emitted: RoleEmitted<never>
      },
    }).createMachine({
      id: kind,
      context: { nudges: 0 },
      initial: 'idle',
      states: {
        idle: {
          on: { 'nap.nudge': { actions: assign(({ context }) => ({ nudges: context.nudges + 1 })) } },
          after: kind === 'held' ? { [FAR_AWAY_MS]: 'over' } : {},
        },
        over: { type: 'final' },
      },
    }),
  })
