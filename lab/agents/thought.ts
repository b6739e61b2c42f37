/**
 * What a simulated agent shows its model: not prose, but what it thinks about and how much of it there is. It stands in
 * a transcript as the message that a real agent would have heard.
 */
import type { TranscriptEntry } from '../../src/model/model.ts'
import type { Given } from './work.ts'

export type Thought = {
  /**
   * - `do`: one task.
   * - `read`: a result, by who holds the plan and says what is next.
   * - `check`: a result, by who looks for what is wrong with it.
   */
  readonly kind: 'do' | 'read' | 'check'
  readonly task: string
  /** How often the task was sent back before. */
  readonly round: number
  /** What it rests on, and tokens of all else that the agent has in its context. */
  readonly given: Given
}

export const THOUGHT = 'work.thought'

/** Said by nobody: no tokens of it are another agent's talk. */
export const transcriptOf = (thought: Thought): readonly TranscriptEntry[] => [
  { kind: 'message', type: THOUGHT, from: 'self', body: thought },
]
