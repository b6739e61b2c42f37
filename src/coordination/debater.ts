/**
 * The ready debater: takes its turns in one conversation, so that it knows what it said and heard before, and ends when
 * the debate is over.
 *
 * A turn that comes while it thinks about an earlier one takes its place, since what it would say to that is too late
 * for its round (DB6, `debate.ts`). Where it gives up, it says so and has its turn in the next round (DB3).
 */
import { assign, emit } from 'xstate'
import type { MessageId } from '../../protocols/ids.ts'
import { type AgentContext, newAgent } from '../role/agent-context.ts'
import { agentStates } from '../role/agent-states.ts'
import { type RoleEmitted, roleSetup } from '../role/setup.ts'
import type { AnyDebate } from './debate.ts'
import { handlers } from './messages.ts'

type DebaterContext = AgentContext & {
  /** The turn that it has. */
  readonly turn: MessageId | null
}

/**
 * @example
 * const { turn, position, over } = sum.messages
 * const adder = defineRole({ name: 'adder', …, accepts: [turn, over], answers: [position], machine: debaterMachine(sum) })
 */
export function debaterMachine<const D extends AnyDebate>(debate: D) {
  type Messages = D['messages']
  const { turn, position, over } = debate.messages
  const begin = {
    target: 'thinking',
    reenter: true,
    actions: ['hear', assign({ turn: ({ event }: { event: { id: MessageId } }) => event.id, ...AFRESH })],
  }
  const states = agentStates({ answered: 'stating', gaveUp: 'silent' })
  const open = handlers({ [turn.type]: begin, [over.type]: 'over' })
  type Emitted = RoleEmitted<Messages['position']>
  const answering = (context: DebaterContext) => ({ answers: context.turn! })

  return roleSetup<DebaterContext, Messages['turn'] | Messages['over'], Messages['position']>([
    position,
  ]).createMachine({
    id: debate.name,
    context: ({ input }) => ({ ...newAgent(input), turn: null }),
    initial: 'waiting',
    states: {
      waiting: { on: open },
      ...states,
      thinking: { ...states.thinking, on: open },
      stating: {
        entry: emit(({ context }) => ({ ...context.answer!, ...answering(context) }) as unknown as Emitted),
        always: 'waiting',
      },
      silent: {
        entry: emit(({ context }) => {
          const { problem, problemKind = 'error' } = context
          const body = { kind: problemKind, reason: problem ?? 'gave up', of: context.turn }
          return { type: 'failure' as const, body, ...answering(context) } as unknown as Emitted
        }),
        always: 'waiting',
      },
      over: { type: 'final' },
    },
  })
}

/** Of an earlier turn. */
const AFRESH = { answer: null, calls: [], corrections: 0, problem: null, problemKind: 'error' } as const
