/** Journals, written by hand: what the checks of `chaos/` are given. */

import type { Commit } from '../../chaos/journal.ts'
import { conversationId, peerId, runId } from '../../protocols/ids.ts'

export const RUN = runId('r-1')
export const CONVERSATION = conversationId(RUN, 'work')

export type Said = {
  /** When the server stored it, in milliseconds. */
  readonly at: number
  readonly event?: string
  /** The message or the effect that it took. */
  readonly took?: string
  /** A call of the model in flight: `<name> <span> <attempt>`. */
  readonly calls?: string
  readonly pid?: number
  readonly epoch?: number
}

export function commit({ at, event = 'x', took, calls, pid = 1, epoch = 1 }: Said): Commit {
  const [name, spanId, attempt] = calls?.split(' ') ?? []
  const record = {
    conversation: CONVERSATION,
    phase: 'open',
    owner: calls === undefined ? null : peerId('worker-1'),
    epoch,
    by: { peer: peerId('worker-1'), host: 'test', pid },
    took: { event, from: 'a', to: 'b', ...(took !== undefined && { id: took }) },
    effects: calls === undefined ? [] : [{ src: 'chat', name, spanId, attempt: Number(attempt) }],
    ...{ outbox: [], timers: [], awaiting: [] },
  }
  return { record: record as unknown as Commit['record'], storedAt: at }
}

/** A call, the death of its process, and the answer that the next one got. */
export const RESUMED = [
  commit({ at: 100, calls: '1.0 span-a 1' }),
  commit({ at: 200, event: 'takeover', calls: '1.0 span-a 2', pid: 2, epoch: 5 }),
  commit({ at: 300, took: '1.0', calls: '2.0 span-b 1', pid: 2, epoch: 5 }),
  commit({ at: 400, took: '2.0', pid: 2, epoch: 5 }),
]
