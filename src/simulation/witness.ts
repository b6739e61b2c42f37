/**
 * Sees what processes do at their edge, as they do it, and holds it against what they had committed by then. What the
 * journal shows by itself is `ledger.ts`.
 *
 * - T2: a process that puts a message has it from its mailbox, or from a committed outbox, and then into the mailbox
 *   that the outbox names.
 * - T3, T4: a process starts an effect that stands pending in the last record of the conversation that it committed
 *   itself, as far as it took note: not before the commit, not without a takeover, not after the outcome, and not twice. One that
 *   slept through its own replacement cannot know better; the record is its fence, not the effect.
 */
import { HEADER } from '../../protocols/envelope.ts'
import type { ConversationId, MessageId } from '../../protocols/ids.ts'
import { parseTraceparent } from '../../traces/propagation.ts'
import type { Frame } from '../bus/frame.ts'
import { type Mailbox, mailboxSubject } from '../bus/mailboxes.ts'
import type { RecordEntry } from '../bus/records.ts'
import type { Committed } from '../turn/journal.ts'
import { type ConversationRecord, recordJson } from '../turn/record.ts'
import type { Breaches } from './breach.ts'

/** What one process is seen doing. */
export interface Witness {
  /** It read an entry of the journals: its own commit, perhaps. */
  read(entry: RecordEntry): void
  /** It was told that its entry is in the journals: what that sends may be put. */
  appended(entry: Entry): void
  /** It takes note of a commit of its own. */
  committed(committed: Committed): void
  received(frame: Frame): void
  puts(mailbox: Mailbox, frame: Frame): void
  /** It calls a model, under the span of the effect. */
  calls(traceparent: string | undefined): void
  /** It runs a tool for a conversation. */
  runs(conversation: ConversationId, tool: string): void
}

export interface Witnesses {
  of(pid: number): Witness
}

type Entry = Pick<RecordEntry, 'key' | 'value'>

/** In place of a mailbox: whoever claims it puts it on his desk, and what is too large for it is the role's. */
const BOARD = 'board'

const decoder = new TextDecoder()

/** A record as the journal has it. It was parsed by those who live by it. */
export const recordIn = ({ value }: Pick<RecordEntry, 'value'>) => recordJson(value) as ConversationRecord

export const jsonIn = ({ value }: Pick<RecordEntry, 'value'>): unknown => JSON.parse(decoder.decode(value))

export const isConversation = ({ key }: Pick<RecordEntry, 'key'>) => key.startsWith('conversation.')

export function createWitnesses({ note }: Pick<Breaches, 'note'>): Witnesses {
  /** The mailbox of every message in a committed outbox. */
  const outboxes = new Map<MessageId, string>()

  function witness(pid: number): Witness {
    const own = new Map<ConversationId, Committed>()
    const received = new Set<MessageId>()
    const called = new Set<string>()

    function knows({ record, revision }: Committed): void {
      const known = own.get(record.conversation)?.revision ?? 0
      if (record.by.pid === pid && revision >= known) own.set(record.conversation, { record, revision })
    }

    function sends(entry: Entry): void {
      if (!isConversation(entry)) return
      const { by, outbox } = recordIn(entry)
      if (by.pid !== pid) return
      for (const { message, mailbox, via } of outbox) {
        const first = via?.kind === 'board' ? BOARD : mailboxSubject(via ?? mailbox)
        outboxes.set(message.id, first)
      }
    }

    return {
      read(entry) {
        sends(entry)
        if (isConversation(entry)) knows({ record: recordIn(entry), revision: entry.revision })
      },
      appended: sends,
      committed: knows,
      received: (frame) => void received.add(idOf(frame)),
      puts(mailbox, frame) {
        const id = idOf(frame)
        const subject = mailboxSubject(mailbox)
        const wanted = outboxes.get(id)
        const isClaimed = wanted === BOARD && mailbox.kind !== 'peer'
        if (received.has(id) || wanted === subject || isClaimed) return
        if (wanted === undefined)
          note('T2', `process ${pid} puts ${id} into ${subject} before it is committed`)
        else note('T2', `process ${pid} puts ${id} into ${subject}, and its outbox says ${wanted}`)
      },
      calls(traceparent) {
        const spanId = traceparent && parseTraceparent(traceparent)?.spanId
        const effect = [...own.values()]
          .flatMap(({ record }) => record.effects)
          .find((pending) => pending.spanId === spanId)
        if (effect === undefined) {
          note(
            'T3',
            `process ${pid} calls a model for an effect that is pending in no last commit of its own`,
          )
          return
        }
        const attempt = `${spanId} ${effect.attempt}`
        if (called.has(attempt)) note('T3', `process ${pid} calls a model twice for the same effect`)
        called.add(attempt)
      },
      runs(conversation, tool) {
        const last = own.get(conversation)
        if (last === undefined)
          note('T4', `process ${pid} runs "${tool}" for ${conversation}, to which it committed nothing`)
        else if (!last.record.effects.some(({ src, input }) => src === 'tool' && toolOf(input) === tool))
          note(
            'T3',
            `process ${pid} runs "${tool}", which its last commit to ${conversation} has not pending`,
          )
      },
    }
  }

  return { of: witness }
}

const idOf = ({ headers }: Frame) => headers[HEADER.id] as MessageId
const toolOf = (input: unknown) => (input as { tool?: string }).tool
