/** An answer that comes late, and is used: whoever waits has a clock of its own, sends a reminder, and goes on waiting. */
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

const { invite, party, reply, coming, remind } = defineProtocol(
  'invitation',
  1,
  {
    invite: z.object({ guest: z.string() }),
    party: z.object({ comes: z.boolean().nullable(), reminders: z.number() }),
    reply: z.object({ guest: z.string() }),
    coming: z.object({ comes: z.boolean(), reminded: z.number() }),
    remind: z.object({ number: z.number() }),
  },
  { invite: ['party'], reply: ['coming'] },
).messages

type HostContext = AgentContext & { readonly guest: string; readonly reminders: number }

const host = (everyMs: number, timeoutMs: number) =>
  defineRole({
    name: 'host',
    description: 'invites',
    instructions: '',
    accepts: [invite, coming],
    answers: [party],
    sends: [reply, remind],
    machine: roleSetup<
      HostContext,
      typeof invite | typeof coming,
      typeof party | typeof reply | typeof remind
    >([]).createMachine({
      id: 'host',
      context: ({ input }) => ({ ...newAgent(input), guest: '', reminders: 0 }),
      initial: 'idle',
      states: {
        idle: {
          on: {
            'invitation.invite': {
              target: 'waiting',
              actions: emit(({ event }) => ({
                ...{ type: 'invitation.reply' as const, body: event.body, timeoutMs },
                to: { role: 'guest', conversation: 'letter' },
              })),
            },
          },
        },
        waiting: {
          after: { [everyMs]: 'reminding' },
          on: {
            'invitation.coming': {
              target: 'settled',
              actions: emit(({ context, event }) => ({
                type: 'invitation.party' as const,
                body: { comes: event.body.comes, reminders: context.reminders },
              })),
            },
            // Nobody answers for longer than it can wait: the party is given without knowing.
            failure: {
              target: 'settled',
              actions: emit(({ context }) => ({
                type: 'invitation.party' as const,
                body: { comes: null, reminders: context.reminders },
              })),
            },
          },
        },
        reminding: {
          entry: [
            assign(({ context }) => ({ reminders: context.reminders + 1 })),
            emit(({ context }) => ({
              type: 'invitation.remind' as const,
              body: { number: context.reminders },
              to: { role: 'guest', conversation: 'letter' },
            })),
          ],
          always: 'waiting',
        },
        settled: { type: 'final' },
      },
    }),
  })

/** A reminder that comes while it thinks is kept, and counted before it answers. */
const guest = defineRole({
  name: 'guest',
  description: 'is invited',
  instructions: '',
  accepts: [reply, remind],
  answers: [coming],
  concurrency: 2,
  policy: ({ transcript }) =>
    answer(coming, {
      comes: true,
      reminded: transcript.filter((entry) => entry.kind === 'message' && entry.type === remind.type).length,
    }),
  machine: roleSetup<AgentContext, typeof reply | typeof remind, typeof coming>([coming]).createMachine({
    id: 'guest',
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: { on: { 'invitation.reply': { target: 'thinking', actions: 'hear' } } },
      ...agentStates({ answered: 'looking-up', gaveUp: 'failed' }),
      'looking-up': {
        after: { 200: 'answered' },
        on: { 'invitation.remind': { actions: 'hear' } },
      },
      answered: {
        entry: emit(({ context }) => ({
          type: 'invitation.coming' as const,
          body: context.answer!.body as { comes: boolean; reminded: number },
        })),
        // What comes now it takes note of, and needs no answer.
        on: { 'invitation.remind': { actions: 'hear' } },
        after: { 60000: 'gone' },
      },
      gone: { type: 'final' },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  }),
})

export const reminders: GoodKind = {
  name: 'reminders',
  async run(seed, random) {
    const { spans } = await stage({
      seed,
      goal: 'a party',
      start: { role: 'host', message: invite, body: { guest: 'the doctor' }, answers: [party] },
      processes: [process('house', host(between(random, 3, 9) * 1_000, 240_000)), process('street', guest)],
      pace: { guest: { slowestMs: between(random, 4_000, 50_000) } },
    })
    return { note: 'an answer comes after reminders, which are kept, and is used', due: [], spans }
  },
}
