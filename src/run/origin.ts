/**
 * The origin: the peer that a run started at. It sends the goal, waits for the one answer, and keeps it. It is the
 * run's accountant, not its supervisor: who does what is none of its business.
 */
import { assign, emit, setup } from 'xstate'
import type { MessageDefinition } from '../../protocols/define.ts'
import { InvalidError } from '../../protocols/errors.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { peerId, type RunId, roleName } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import type { Behaviour, ConversationInput, Incoming, OutgoingEvent } from '../turn/behaviour.ts'
import { createInterpreter } from '../turn/interpreter.ts'

export const ORIGIN_ROLE = roleName('origin')
/** Conversation of the origin, and that of the first message it sends, by name inside the run. */
export const ORIGIN_CONVERSATION = 'origin'
export const GOAL_CONVERSATION = 'goal'

/** Every run has an origin of its own. */
export const originPeer = (run: RunId) => peerId(`origin-${run}`)

/** What a run's origin ends with. */
export type OriginOutput =
  | { readonly kind: 'answer'; readonly type: string; readonly body: unknown }
  | { readonly kind: 'failure'; readonly failure: FailureKind; readonly reason: string }

type OriginContext = {
  readonly start: { readonly role: string; readonly type: string; readonly body: unknown } | null
  readonly output: OriginOutput | null
}
type OriginEvent =
  | Incoming<typeof runProtocol.messages.start>
  | { readonly type: string; readonly body: unknown }

/**
 * The origin of a run that begins with one message.
 * @param answers what may answer it
 * @throws InvalidError `invalid.start` for a message that no answer is expected to: its run would never end
 */
export function originBehaviour(
  message: MessageDefinition,
  answers: readonly MessageDefinition[],
): Behaviour {
  if (message.answeredBy.length === 0) {
    throw new InvalidError(
      'start',
      `no run can begin with "${message.type}", which nothing answers: name its answers in its protocol`,
    )
  }
  const machine = setup({
    types: {} as {
      context: OriginContext
      input: ConversationInput
      events: OriginEvent
      emitted: OutgoingEvent
    },
    actions: {
      sendGoal: emit(({ context }) => ({
        type: context.start!.type,
        body: context.start!.body,
        to: { role: context.start!.role, conversation: GOAL_CONVERSATION },
      })),
      keepStart: assign(({ event }) => ({ start: event.body as OriginContext['start'] })),
      keepAnswer: assign(({ event }) => ({
        output: { kind: 'answer' as const, type: event.type, body: event.body },
      })),
      keepFailure: assign(({ event }) => {
        const { kind, reason } = event.body as { kind: FailureKind; reason: string }
        return { output: { kind: 'failure' as const, failure: kind, reason } }
      }),
    },
  }).createMachine({
    id: 'origin',
    context: { start: null, output: null },
    initial: 'new',
    states: {
      new: { on: { [runProtocol.messages.start.type]: { target: 'waiting', actions: 'keepStart' } } },
      waiting: {
        entry: 'sendGoal',
        on: {
          ...Object.fromEntries(
            answers.map(({ type }) => [type, { target: 'answered', actions: 'keepAnswer' }] as const),
          ),
          [failure.messages.failure.type]: { target: 'failed', actions: 'keepFailure' },
        },
      },
      answered: { type: 'final' },
      failed: { type: 'final' },
    },
    output: ({ context }) => context.output,
  })
  const accepts = [runProtocol.messages.start, ...answers]
  return {
    role: ORIGIN_ROLE,
    description: 'where a run began, and where its result goes',
    machine: { name: 'origin', version: 1 },
    interpreter: createInterpreter(machine),
    accepts: new Map(accepts.map((definition) => [definition.type, definition])),
    sends: new Map([[message.type, message]]),
  }
}
