/** Signals: at most once, to whoever listens now. Presence, progress, streams of tokens. */
import type { Frame } from './frame.ts'

/** Dot-separated tokens of `[a-z0-9_-]`. In a pattern `*` stands for one token and a last `>` for one or more. */
export type Subject = string

export interface Signals {
  /**
   * Hands the signal to the network and returns; nobody may be listening.
   * @throws UnavailableError when the bus is closed, TooLargeError
   */
  publish(subject: Subject, frame: Frame): void
  /** Resolves when the subscription is in force: what is published after that is received. */
  subscribe(pattern: Subject): Promise<Subscription>
}

export interface Subscription extends AsyncIterable<{ readonly subject: Subject; readonly frame: Frame }> {
  /** Ends the iteration. */
  close(): void
}
