/** Who passed on the message that a turn took, as its record has it. */
import type { PeerId } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { SKEIN } from '../../traces/names.ts'

export const relaysIn = ({ spans }: ConversationRecord): PeerId[] =>
  spans
    .filter(({ attributes }) => attributes[SKEIN.relay] !== undefined)
    .map(({ attributes }) => attributes[SKEIN.peer] as PeerId)
