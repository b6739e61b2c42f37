/** The timers of the conversations a host has: machine timers and awaited answers, armed from the record. */
import type { ConversationId } from '../../protocols/ids.ts'
import type { Clock, Timer } from '../time/clock.ts'
import type { ConversationRecord } from './record.ts'
import type { TurnInput } from './turn-input.ts'

export interface Alarms {
  /** Arms what the record has pending and disarms what it no longer has. */
  follow(record: ConversationRecord): void
  /** Disarms what a conversation has, which is gone. */
  forget(conversation: ConversationId): void
  /** Disarms all. */
  clear(): void
}

export function createAlarms(
  clock: Clock,
  ring: (conversation: ConversationId, input: TurnInput) => void,
): Alarms {
  const armed = new Map<ConversationId, Map<string, Timer>>()

  return {
    follow(record) {
      const timers = armed.get(record.conversation) ?? new Map<string, Timer>()
      const wanted = new Map<string, { readonly dueAt: number; readonly input: TurnInput }>()
      for (const { name, dueAt } of record.timers)
        wanted.set(name, { dueAt, input: { kind: 'timer', timer: name } })
      for (const { id, dueAt } of record.awaiting)
        wanted.set(id, { dueAt, input: { kind: 'overdue', message: id } })
      for (const [name, timer] of timers) {
        if (wanted.has(name)) continue
        timer.cancel()
        timers.delete(name)
      }
      for (const [name, { dueAt, input }] of wanted) {
        if (timers.has(name)) continue
        timers.set(
          name,
          clock.setTimer(Math.max(0, dueAt - clock.now()), () => ring(record.conversation, input)),
        )
      }
      if (timers.size > 0) armed.set(record.conversation, timers)
      else armed.delete(record.conversation)
    },
    forget(conversation) {
      for (const timer of armed.get(conversation)?.values() ?? []) timer.cancel()
      armed.delete(conversation)
    },
    clear() {
      for (const timers of armed.values()) for (const timer of timers.values()) timer.cancel()
      armed.clear()
    },
  }
}
