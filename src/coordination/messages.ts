/**
 * Messages of a protocol that a piece of coordination does not know by name: their types are data in a piece, and
 * literals to whoever uses it.
 */
import type { MessageDefinition } from '../../protocols/define.ts'
import type { Addressing } from '../turn/behaviour.ts'

/** A message as a machine emits it. A body that does not fit is refused when it is sent. */
export const said = <Emitted>(
  { type }: Pick<MessageDefinition, 'type'>,
  body: unknown,
  addressing: Addressing = {},
): Emitted => ({ type, body, ...addressing }) as Emitted

/** Transitions by type of message, for a state of any machine. */
export const handlers = (on: object) => on as Record<never, never>
