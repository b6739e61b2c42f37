/**
 * The loop of an agent as states: `thinking` asks the model, `acting` runs the tools it called, one after another,
 * until the model answers. Any machine made with `roleSetup` can take these states in.
 */
import type { AgentContext } from './agent-context.ts'
import type { Asks } from './setup.ts'

/**
 * @param asks the questions of the role, as given to `roleSetup`
 * @param next where the machine goes with an answer, and where when the agent gives up. `sharing`: where it goes first
 * with an answer or a question, when its tools have changed the workspace; it comes back to `acted`. `told`: where it
 * goes with what a peer answered, `acted` unless given
 * @example
 * states: { waiting: { on: { 'task.request': { actions: 'hear', target: 'thinking' } } }, ...agentStates({ answered: 'answering', gaveUp: 'failed' }), … }
 */
export function agentStates<const Answered extends string, const GaveUp extends string>(
  next: { answered: Answered; gaveUp: GaveUp; sharing?: string; told?: string },
  asks: Asks = {},
) {
  const { sharing, told = 'acted' } = next
  const first = sharing === undefined ? [] : [{ guard: 'mustShare' as const, target: sharing }]
  const then = sharing === undefined ? [] : [{ guard: 'hasAnswer' as const, target: next.answered }]
  const answers = Object.values(asks).flatMap((ask) => ask.answers.map((answer) => answer.type))
  return {
    thinking: {
      invoke: {
        id: 'chat',
        src: 'chat',
        input: {},
        onDone: { target: 'deciding', actions: 'readReply' },
        onError: [
          { guard: 'mayCorrect', target: 'retrying', actions: 'noteFault' },
          { guard: 'mayRetry', target: 'pausing', actions: 'noteFault' },
          { target: next.gaveUp, actions: 'giveUp' },
        ],
      },
    },
    // Through a state of its own, since an invoke is not started again by a transition to its own state.
    retrying: { always: 'thinking' },
    // As a timer of the record: it is waited out by whoever has the conversation.
    pausing: { after: { pauseAfterFault: 'thinking' } },
    deciding: {
      always: [
        { guard: 'hasProblem', target: next.gaveUp },
        ...first,
        { guard: 'hasQuestion', target: 'asking' },
        { guard: 'hasCalls', target: 'acting' },
        { guard: 'hasAnswer', target: next.answered },
        { target: 'thinking' },
      ],
    },
    acting: {
      invoke: {
        id: 'tool',
        src: 'tool',
        input: ({ context }: { context: AgentContext }) => ({
          tool: context.calls[0]!.tool,
          input: context.calls[0]!.input,
          tree: context.tree,
          byModel: true,
        }),
        onDone: { target: 'acted', actions: 'readResult' },
        onError: { target: 'acted', actions: 'readToolError' },
      },
    },
    asking: {
      entry: ['ask', 'countAsk'],
      // The types of the answers are data here, and XState wants them as literals.
      on: Object.fromEntries([
        ['failure', { target: told, actions: 'readFailure' }],
        ...answers.map((type) => [type, { target: told, actions: 'readAnswer' }]),
      ]) as Record<never, never>,
    },
    acted: {
      always: [
        ...first,
        { guard: 'hasQuestion', target: 'asking' },
        { guard: 'hasCalls', target: 'acting' },
        ...then,
        { target: 'thinking' },
      ],
    },
  } as const
}
