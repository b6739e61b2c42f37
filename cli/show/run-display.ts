/** Shows a run while it goes on. Two can: a board where the terminal can be repainted, plain lines elsewhere. */
import type { Printed } from '../../protocols/progress.ts'
import type { RunStarted } from '../../src/flock/run.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'

export interface RunDisplay {
  start(started: RunStarted): void
  commit(record: ConversationRecord): void
  /** What a long command prints; where there is no place for it, nobody listens. */
  readonly printed?: (printed: Printed) => void
  /** A line for people that is not of the run itself. */
  say(text: string): void
  /** Leaves the last state standing. */
  end(): void
}

/** For a run whose only word is the report. */
export const noDisplay = (screen: { line(text: string): void }): RunDisplay => ({
  start: () => {},
  commit: () => {},
  say: screen.line,
  end: () => {},
})
