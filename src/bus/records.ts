/**
 * Records: a journal for each key, read by its last value and appended by compare-and-set. One write is both the
 * commit and the history.
 */

/** Dot-separated tokens of `[a-z0-9_-]`. A prefix is a key cut off after a token: `conversation.r1`. */
export type RecordKey = string

export type RecordEntry = {
  readonly key: RecordKey
  readonly value: Uint8Array
  /** Position in the whole journal, 1 or more: grows with every append to any key. */
  readonly revision: number
  /** When the bus stored it, in milliseconds since 1970. For people, never for decisions. */
  readonly storedAt: number
}

export interface Records {
  /** The last value, read linearly: it includes every append that was answered before the call. */
  read(key: RecordKey): Promise<RecordEntry | undefined>
  /**
   * Appends if the key's last revision is `expected` (0: the key has none yet) and returns the new revision.
   * @throws ConflictError, AmbiguousError, UnavailableError, TooLargeError
   */
  append(key: RecordKey, value: Uint8Array, expected: number): Promise<number>
  /** Every entry at or below a prefix, oldest first, as of now. */
  history(prefix: RecordKey): Promise<RecordEntry[]>
  /** The last entry of every key at or below a prefix, as of now, in no order that matters. */
  latest(prefix: RecordKey): Promise<RecordEntry[]>
  /** The last entry of every key at or below a prefix, then every append as it comes. */
  watch(prefix: RecordKey): Promise<RecordWatch>
  /** Removes the journals at or below a prefix, for retention. @param before only entries older than that revision */
  purge(prefix: RecordKey, before?: number): Promise<void>
}

export interface RecordWatch extends AsyncIterable<RecordEntry> {
  /** Ends the iteration. */
  close(): void
}
