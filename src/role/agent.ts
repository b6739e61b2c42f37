/**
 * The ready machine: take one piece of work, loop over model and tools, answer or fail.
 *
 * Where the role's tools see the workspace, it begins at the run's head. What they changed is merged into it before
 * the agent asks a peer and before it answers, so that a peer finds the work of who asked, and whoever gets the answer
 * finds it handed over; and it goes on from the head when a peer has answered. The work of an agent that gives up is
 * not handed over.
 */
import { emit } from 'xstate'
import type { MessageDefinition } from '../../protocols/define.ts'
import { shareWork } from '../tools/share-work.ts'
import type { Tool } from '../tools/tool.ts'
import { type AgentContext, newAgent } from './agent-context.ts'
import { agentStates } from './agent-states.ts'
import { askedOfModel, withHashes } from './hash-fields.ts'
import { type Asks, type RoleEmitted, roleSetup } from './setup.ts'

/** What the ready machine invokes by itself. */
export const sharing = shareWork as unknown as Tool

export function agentMachine<Accepts extends MessageDefinition, Sends extends MessageDefinition>(options: {
  readonly name: string
  readonly accepts: readonly Accepts[]
  readonly answers: readonly Sends[]
  readonly asks?: Asks
  readonly tools?: readonly Pick<Tool, 'workspace'>[]
}) {
  const { tools = [], asks } = options
  const changes = tools.some(({ workspace }) => workspace === 'changes')
  const sees = changes || tools.some(({ workspace }) => workspace === 'reads')
  const begin = { target: sees ? 'sharing' : 'thinking', actions: 'hear' } as const
  const work = Object.fromEntries(options.accepts.map(({ type }) => [type, begin]))
  function answerOf({ answer, tree }: AgentContext) {
    const definition = options.answers.find(({ type }) => type === answer!.type)!
    return { type: definition.type, body: withHashes(definition, answer!.body, tree) }
  }
  return roleSetup<AgentContext, Accepts, Sends>(options.answers.map(askedOfModel), asks).createMachine({
    id: options.name,
    context: ({ input }) => newAgent(input),
    initial: 'waiting',
    states: {
      waiting: { on: work as never },
      ...agentStates(
        { answered: 'answered', gaveUp: 'failed', sharing: 'sharing', told: sees ? 'sharing' : 'acted' },
        asks,
      ),
      sharing: {
        invoke: {
          id: 'share',
          src: 'tool',
          input: ({ context }) => ({
            tool: shareWork.name,
            input: { base: context.base ?? null },
            tree: context.tree,
          }),
          onDone: { target: 'acted', actions: 'readShared' },
          onError: [
            // Who only looks may be of use without a workspace; its tools tell its model that there is none.
            ...(changes ? [] : [{ guard: 'hasNoWorkspace' as const, target: 'acted' as const }]),
            { target: 'failed', actions: 'giveUp' },
          ],
        },
      },
      answered: {
        type: 'final',
        entry: emit(({ context }) => answerOf(context) as RoleEmitted<Sends>),
      },
      failed: { type: 'final', entry: 'sayProblem' },
    },
  })
}
