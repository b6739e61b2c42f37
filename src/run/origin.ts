/**
 * The origin: the peer that a run started at. It sends the goal, waits for the one answer, and keeps it. It is the
 * run's accountant, not its supervisor: who does what is none of its business.
 */
import { assign, emit, setup } from 'xstate'
import { z } from 'zod'
import type { MessageDefinition } from '../../protocols/define.ts'
import { InvalidError } from '../../protocols/errors.ts'
import { type FailureKind, failure } from '../../protocols/failure.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import type { Behaviour, ConversationInput, Incoming, OutgoingEvent } from '../turn/behaviour.ts'
import { createInterpreter } from '../turn/interpreter.ts'
import { GOAL_CONVERSATION, ORIGIN_ROLE } from './origin-address.ts'
import type { KnownMessage, RunRecord } from './run-record.ts'

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

/** @throws InvalidError `invalid.start` for a message that no answer is expected to: its run would come to nothing */
export function checkStart({ type, answeredBy }: Pick<MessageDefinition, 'type' | 'answeredBy'>): void {
  if (answeredBy.length > 0) return
  throw new InvalidError(
    'start',
    `no run can begin with "${type}", which nothing answers: name its answers in its protocol`,
  )
}

/** As it stands in the record of a run. */
export const knownMessage = ({ type, protocol, version, answeredBy }: MessageDefinition): KnownMessage => ({
  ...{ type, protocol, version },
  answeredBy: [...answeredBy],
})

/**
 * Definitions of the messages that a run's origin says and hears. Whoever hosts it may lack their schemas: the origin
 * hands on and keeps what others parse.
 * @param known definitions that this process has
 */
export function startDefinitions(
  { message, answers }: RunRecord['start'],
  known: readonly MessageDefinition[] = [],
): { readonly message: MessageDefinition; readonly answers: readonly MessageDefinition[] } {
  const definitionOf = (wanted: KnownMessage): MessageDefinition =>
    [...Object.values(runProtocol.messages), ...known].find(
      ({ type, version }) => type === wanted.type && version === wanted.version,
    ) ?? {
      ...wanted,
      body: z.json(),
    }
  return { message: definitionOf(message), answers: answers.map(definitionOf) }
}

/** The origin of a run that begins with one message. @param answers what may answer it */
export function originBehaviour(
  message: MessageDefinition,
  answers: readonly MessageDefinition[],
): Behaviour {
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
