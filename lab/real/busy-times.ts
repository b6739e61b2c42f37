/**
 * How long each peer of a real run was at work: with a call of a model or a tool in flight, in one of its conversations
 * or in several at once, which counts once. Of a run in which no process dies.
 */
import type { ConversationRecord } from '../../src/turn/record.ts'

export interface BusyTimes {
  commit(record: ConversationRecord, atMs: number): void
  /** The peer that was at work for longest, and how long, in milliseconds. */
  longest(): { readonly peer: string; readonly ms: number } | undefined
}

export function createBusyTimes(): BusyTimes {
  /** Who works on a conversation. */
  const workers = new Map<string, string>()
  const peers = new Map<string, { conversations: number; sinceMs: number; ms: number }>()

  function begin(peer: string, atMs: number): void {
    const times = peers.get(peer) ?? { conversations: 0, sinceMs: 0, ms: 0 }
    peers.set(peer, times)
    if (times.conversations++ === 0) times.sinceMs = atMs
  }

  function end(peer: string, atMs: number): void {
    const times = peers.get(peer)!
    if (--times.conversations === 0) times.ms += atMs - times.sinceMs
  }

  return {
    commit({ conversation, by, effects }, atMs) {
      const before = workers.get(conversation)
      const now = effects.length > 0 ? by.peer : undefined
      if (now === before) return
      if (before !== undefined) end(before, atMs)
      if (now === undefined) workers.delete(conversation)
      else {
        workers.set(conversation, now)
        begin(now, atMs)
      }
    },
    longest() {
      const [first] = [...peers].sort(([, a], [, b]) => b.ms - a.ms)
      return first && { peer: first[0], ms: first[1].ms }
    },
  }
}
