/**
 * T5: the same record and the same message give the same next record. A turn is taken again from what the journal
 * holds, and must come out to the letter as it was committed.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Message } from '../../protocols/envelope.ts'
import { SKEIN } from '../../traces/names.ts'
import type { AttributeValue } from '../../traces/span.ts'
import type { Behaviour } from '../turn/behaviour.ts'
import type { TurnContext } from '../turn/draft.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { turnSpanId } from '../turn/spans.ts'
import { takeTurn } from '../turn/turn.ts'
import type { TurnInput } from '../turn/turn-input.ts'
import type { Breaches } from './breach.ts'

const CLOSING: ReadonlySet<string> = new Set(['ended', 'credited'])

export interface Replay {
  /** Takes a turn again, where all that it was taken from is known. */
  check(before: ConversationRecord | undefined, record: ConversationRecord): void
  /** Keeps what the record sends, for those who take it. */
  keep(record: ConversationRecord): void
}

export function createReplay(
  behaviours: ReadonlyMap<string, Behaviour>,
  { note }: Pick<Breaches, 'note'>,
): Replay {
  const messages = new Map<string, Message>()

  function inputOf(
    before: ConversationRecord | undefined,
    { took, timers }: ConversationRecord,
    delivery: AttributeValue | undefined,
  ): TurnInput | undefined {
    if (took.id !== undefined) {
      const message = took.id.includes('>') ? messages.get(took.id) : undefined
      return message && { kind: 'message', message, ...(typeof delivery === 'number' && { delivery }) }
    }
    const armed = new Set(timers.map(({ name }) => name))
    const gone =
      before?.timers.filter(({ name, event }) => event.type === took.event && !armed.has(name)) ?? []
    return gone.length === 1 ? { kind: 'timer', timer: gone[0]!.name } : undefined
  }

  return {
    keep({ outbox }) {
      for (const { message } of outbox) messages.set(message.id, message)
    },
    check(before, record) {
      if (CLOSING.has(record.took.event)) return // by the end of a run, or for its accounts: no machine is asked
      if (record.turn === before?.turn) return // no turn: a takeover, or what is left when all is out
      const behaviour = behaviours.get(record.role)
      const span = record.spans.find(({ spanId }) => spanId === turnSpanId(record))
      const input = inputOf(before, record, span?.attributes[SKEIN.delivery])
      if (behaviour === undefined || input === undefined || span === undefined || record.problem !== null)
        return
      const { by, epoch, nonce, at: now } = record
      const context = {
        ...by,
        epoch,
        nonce,
        now,
        takenAt: span.startMs,
        outOfMessages: record.took.limit === 'messages',
        resource: span.resource as TurnContext['resource'],
      }
      const turn = takeTurn(behaviour, before, input, context)
      if (turn.kind === 'commit' && isDeepStrictEqual(asJson(turn.record), record)) return
      const what = record.took.id ?? record.took.event
      note(
        'T5',
        `turn ${record.turn} of ${record.conversation}, on ${what}, comes out differently the second time`,
      )
    },
  }
}

const asJson = (record: ConversationRecord): unknown => JSON.parse(JSON.stringify(record))
