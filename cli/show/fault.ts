/** A call to a model that failed and is made again: what a commit says of it, for people. */

import type { ConversationRecord } from '../../src/turn/record.ts'
import { shortDuration } from '../../traces/index.ts'

export type Fault = {
  /** `model.unavailable` */
  readonly code: string
  readonly message: string
  /** Milliseconds until it is asked again; 0 where it is at once. */
  readonly pauseMs: number
}

/** Undefined where no call failed, or where none follows. */
export function faultOf({ at, phase, took, effects, timers }: ConversationRecord): Fault | undefined {
  if (took.input?.kind !== 'outcome' || took.input.result.ok || phase !== 'open') return undefined
  const { code, message } = took.input.result.error
  if (!code.startsWith('model.') || effects.length + timers.length === 0) return undefined
  const dueAt = Math.min(...timers.map((timer) => timer.dueAt))
  return { code, message, pauseMs: effects.length > 0 ? 0 : Math.max(0, dueAt - at) }
}

export const faultText = ({ code, message, pauseMs }: Fault): string =>
  `asks its model again${pauseMs > 0 ? ` in ${shortDuration(pauseMs)}` : ''}, ${code}: ${message}`
