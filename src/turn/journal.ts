/**
 * Reading and committing the records of conversations. A commit that was refused or not answered is looked up: the
 * nonce tells one's own write from somebody else's.
 */
import type { ConversationId } from '../../protocols/ids.ts'
import { type Redact, redactedSpan } from '../../traces/redacted.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import type { Records } from '../bus/records.ts'
import { type ConversationRecord, decodeRecord, encodeRecord, recordKey } from './record.ts'

/** A record as it stands in the journal. */
export type Committed = { readonly record: ConversationRecord; readonly revision: number }

export interface Journal {
  /** @throws InvalidError `invalid.record`, UnavailableError */
  read(conversation: ConversationId): Promise<Committed | undefined>
  /**
   * Commits a record on top of a revision (0: the conversation is new), or answers undefined when somebody else
   * committed first: read again and decide anew.
   * @throws TooLargeError, UnavailableError
   */
  commit(record: ConversationRecord, expected: number): Promise<Committed | undefined>
}

/** Times a commit without an answer is written again before its fate is left open. */
const COMMIT_TRIES = 5

/**
 * @param told of every commit made here, before anything follows from it
 * @param redact takes secrets out of the spans of what is committed: they are read, and handed on, from there
 */
export function createJournal(
  records: Records,
  told: (committed: Committed) => void = () => {},
  redact?: Redact,
): Journal {
  async function read(conversation: ConversationId): Promise<Committed | undefined> {
    const entry = await records.read(recordKey(conversation))
    return entry && { record: decodeRecord(entry.value), revision: entry.revision }
  }

  return {
    read,
    async commit(given, expected) {
      const record = redact ? { ...given, spans: given.spans.map((one) => redactedSpan(one, redact)) } : given
      const bytes = encodeRecord(record)
      for (let attempt = 1; ; attempt++) {
        try {
          const revision = await records.append(recordKey(record.conversation), bytes, expected)
          const committed = { record, revision }
          told(committed)
          return committed
        } catch (error) {
          if (!(error instanceof ConflictError || error instanceof AmbiguousError)) throw error
          const last = await read(record.conversation)
          if (last?.record.nonce === record.nonce) {
            told(last)
            return last
          }
          if ((last?.revision ?? 0) !== expected) return undefined
          if (attempt >= COMMIT_TRIES) throw error
        }
      }
    },
  }
}
