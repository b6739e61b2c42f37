/**
 * XState's `setup` for agents: the effects every role may invoke, and what an agent does with their outcomes, by name.
 * A machine written by hand starts from here; the ready one (`agent.ts`) is written with it.
 */
import { assign, emit, fromPromise, setup } from 'xstate'
import type { MessageDefinition } from '../../protocols/define.ts'
import { SkeinError } from '../../protocols/errors.ts'
import type { failure } from '../../protocols/failure.ts'
import type { BlobHash } from '../../protocols/ids.ts'
import type { ChatReply, TranscriptEntry } from '../model/model.ts'
import type { Shared } from '../tools/share-work.ts'
import type { PersonSaid } from '../tools/tool.ts'
import type { ConversationInput, Incoming, Outgoing } from '../turn/behaviour.ts'
import type { EffectError } from '../turn/effects.ts'
import {
  type AgentContext,
  failedToUse,
  faulty,
  gaveUp,
  hasOwnWork,
  heard,
  isOfReply,
  mayRetry,
  overlapped,
  replied,
  shared,
  used,
} from './agent-context.ts'
import type { Fold } from './transcript.ts'

/**
 * Input of the effect `chat`: the host adds the role's instructions, tools and answers. Without a transcript it is the
 * one in the machine's context, which the record then holds only once.
 */
export type ChatInput = { readonly transcript?: readonly TranscriptEntry[] }

/** Input and output of the effect `tool`. */
export type ToolInput = {
  readonly tool: string
  readonly input: unknown
  readonly tree: BlobHash | null
  /** The model calls it: only what the model sees is run. */
  readonly byModel?: boolean
  /** What a person said to it: put in by the host, where the call had to wait for one. */
  readonly said?: PersonSaid
}
export type ToolReply = { readonly output: unknown; readonly tree?: BlobHash; readonly fold?: Fold }

/** Output of the effect `chat`. */
export type ChatOutput = ChatReply & {
  readonly fold?: Fold
  /** What was learned of the size of the model's context. */
  readonly contextTokens?: number
}

/** A failure as a machine gets it. It has no sender when the host itself says it: no answer came in time. */
export type FailureEvent = Omit<Incoming<typeof failure.messages.failure>, 'from' | 'id'> &
  Partial<Pick<Incoming<typeof failure.messages.failure>, 'from' | 'id'>>

export type RoleEvent<Accepts extends MessageDefinition> = Incoming<Accepts> | FailureEvent
export type RoleEmitted<Sends extends MessageDefinition> =
  | Outgoing<Sends>
  | Outgoing<typeof failure.messages.failure>

const inert = (name: string) => async () => {
  throw new SkeinError(
    'machine.inert',
    `"${name}" is run by a skein host, not by XState: host the role with hostPeers()`,
  )
}

/** The effects, as XState sees them: names and types, nothing to run. */
export const effects = {
  chat: fromPromise<ChatOutput, ChatInput>(inert('chat')),
  tool: fromPromise<ToolReply, ToolInput>(inert('tool')),
}

/** Questions an agent may ask in the middle of its work. The model sees each as a tool `ask_<role>`. */
export type Asks = Readonly<
  Record<string, { readonly message: MessageDefinition; readonly answers: readonly MessageDefinition[] }>
>

/** What the names of such tools begin with. */
export const ASK_TOOL = 'ask_'
export const askTool = (role: string) => `${ASK_TOOL}${role.replaceAll('-', '_')}`

/** Milliseconds an agent waits for the answer to a question before it goes on without. */
const ASK_TIMEOUT_MS = 120_000

/**
 * @param answers what the model of this role may end with
 * @param asks whom it may ask what, by role
 * @param limits calls to the model that one piece of work may take, where it is more than one agent's usual share
 * @example
 * const machine = roleSetup<AgentContext, typeof question.messages.ask, typeof question.messages.answer>([question.messages.answer])
 *   .createMachine({ context: ({ input }) => newAgent(input), … })
 */
export function roleSetup<
  Context extends AgentContext,
  Accepts extends MessageDefinition,
  Sends extends MessageDefinition,
>(
  answers: readonly Pick<MessageDefinition, 'type' | 'body'>[],
  asks: Asks = {},
  limits: { readonly steps?: number } = {},
) {
  const askOf = (context: AgentContext) =>
    Object.entries(asks).find(([role]) => askTool(role) === context.calls[0]?.tool)
  /** The next call is a question to a peer that fits its schema. */
  const isQuestion = (context: AgentContext) =>
    askOf(context)?.[1].message.body.safeParse(context.calls[0]!.input).success ?? false
  const changed = (change: Partial<AgentContext>) => change as Partial<Context>
  return setup({
    types: {} as {
      context: Context
      input: ConversationInput
      events: RoleEvent<Accepts>
      emitted: RoleEmitted<Sends>
    },
    actors: effects,
    actions: {
      hear: assign(({ context, event }) => changed(heard(context, event as never))),
      readReply: assign(({ context, event }) => {
        const { fold, contextTokens, ...reply } = outputOf<ChatOutput>(event)
        const changes = replied(context, reply, answers, fold, limits.steps)
        return changed({ ...changes, ...(contextTokens !== undefined && { contextTokens }) })
      }),
      readResult: assign(({ context, event }) => {
        const { output, tree, fold } = outputOf<ToolReply>(event)
        return changed(used(context, output, tree, fold))
      }),
      readToolError: assign(({ context, event }) => changed(failedToUse(context, errorOf(event)))),
      ask: emit(({ context }) => {
        const [role, ask] = askOf(context)!
        const to = { role, conversation: `${context.input.name}-q${context.asked + 1}` }
        return {
          type: ask.message.type,
          body: context.calls[0]!.input,
          to,
          timeoutMs: ASK_TIMEOUT_MS,
        } as unknown as RoleEmitted<Sends>
      }),
      countAsk: assign(({ context }) => changed({ asked: context.asked + 1 })),
      readAnswer: assign(({ context, event }) =>
        changed(used(context, (event as { body: unknown }).body, undefined)),
      ),
      readFailure: assign(({ context, event }) => {
        const { kind, reason } = (event as FailureEvent).body
        return changed(failedToUse(context, { code: `failure.${kind}`, message: reason }))
      }),
      readShared: assign(({ context, event }) => {
        const { output, tree } = outputOf<ToolReply & { readonly output: Shared }>(event)
        const { overlap } = output
        return changed({ ...shared(output, tree!), ...(overlap.length > 0 && overlapped(context, output)) })
      }),
      noteFault: assign(({ context, event }) => changed(faulty(context, errorOf(event)))),
      giveUp: assign(({ event }) => changed(gaveUp(errorOf(event)))),
      sayProblem: emit(
        ({ context }) =>
          ({
            type: 'failure',
            body: { kind: context.problemKind ?? 'error', reason: context.problem ?? 'gave up', of: null },
          }) as RoleEmitted<Sends>,
      ),
    },
    delays: { pauseAfterFault: ({ context }) => context.pauseMs ?? 0 },
    guards: {
      mayRetry: ({ context, event }) => mayRetry(context, errorOf(event)),
      mayCorrect: ({ context, event }) => {
        const error = errorOf(event)
        return isOfReply(error) && mayRetry(context, error)
      },
      hasProblem: ({ context }) => context.problem !== null,
      hasCalls: ({ context }) => context.calls.length > 0,
      hasQuestion: ({ context }) => isQuestion(context),
      hasAnswer: ({ context }) => context.answer !== null,
      /** Others are to see what it changed before they are asked, and whoever gets its answer. */
      mustShare: ({ context }) => hasOwnWork(context) && (context.answer !== null || isQuestion(context)),
      hasNoWorkspace: ({ event }) => errorOf(event).code === 'tool.no-workspace',
    },
  })
}

/** The output of a done event, as its effect declares it. */
const outputOf = <Output>(event: unknown) => (event as { output: Output }).output
const errorOf = (event: unknown) => (event as { error: EffectError }).error
