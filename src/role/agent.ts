/** The ready machine: take one piece of work, loop over model and tools, answer or fail. */
import { emit } from 'xstate'
import type { MessageDefinition } from '../../protocols/define.ts'
import { type AgentContext, newAgent } from './agent-context.ts'
import { agentStates } from './agent-states.ts'
import { type Asks, type RoleEmitted, roleSetup } from './setup.ts'

export function agentMachine<Accepts extends MessageDefinition, Sends extends MessageDefinition>(options: {
  readonly name: string
  readonly accepts: readonly Accepts[]
  readonly answers: readonly Sends[]
  readonly asks?: Asks
}) {
  const work = Object.fromEntries(
    options.accepts.map(({ type }) => [type, { target: 'thinking', actions: 'hear' } as const]),
  )
  return roleSetup<AgentContext, Accepts, Sends>(options.answers, options.asks).createMachine({
    id: options.name,
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: { on: work as never },
      ...agentStates({ answered: 'answered', gaveUp: 'failed' }, options.asks),
      answered: {
        type: 'final',
        entry: emit(({ context }) => context.answer as RoleEmitted<Sends>),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  })
}
