/**
 * The loop of an agent as states: `thinking` asks the model, `acting` runs the tools it called, one after another,
 * until the model answers. Any machine made with `roleSetup` can take these states in.
 */
import type { AgentContext } from './agent-context.ts'
import type { Asks } from './setup.ts'

/**
 * @param asks the questions of the role, as given to `roleSetup`
 * @param next where the machine goes with an answer, and where when the agent gives up
 * @example
 * states: { waiting: { on: { 'task.request': { actions: 'hear', target: 'thinking' } } }, ...agentStates({ answered: 'answering', gaveUp: 'failed' }), … }
 */
export function agentStates<const Answered extends string, const GaveUp extends string>(
  next: { answered: Answered; gaveUp: GaveUp },
  asks: Asks = {},
) {
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
        ['failure', { target: 'acted', actions: 'readFailure' }],
        ...answers.map((type) => [type, { target: 'acted', actions: 'readAnswer' }]),
      ]) as Record<never, never>,
    },
    acted: {
      always: [
        { guard: 'hasQuestion', target: 'asking' },
        { guard: 'hasCalls', target: 'acting' },
        { target: 'thinking' },
      ],
    },
  } as const
}
