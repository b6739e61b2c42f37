/** What a run did, read off its journal: who took part, what it spent, what is still under way. */
import type { MessageId, PeerId, RoleName } from '../../protocols/ids.ts'
import { type ConversationRecord, needsHost } from '../turn/record.ts'

export type Spending = {
  /** Calls to a model. */
  readonly calls: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** Calls of tools. */
  readonly tools: number
}

export type RunSummary = {
  readonly peers: readonly {
    readonly peer: PeerId
    readonly role: RoleName
    readonly host: string
    readonly pid: number
  }[]
  /** Messages between conversations. */
  readonly messages: number
  readonly turns: number
  readonly spent: Spending
  readonly byPeer: Readonly<Record<string, Spending>>
}

const NOTHING: Spending = { calls: 0, inputTokens: 0, outputTokens: 0, tools: 0 }

const plus = (a: Spending, b: Spending): Spending => ({
  calls: a.calls + b.calls,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  tools: a.tools + b.tools,
})

const minus = (a: Spending, b: Spending): Spending =>
  plus(a, { calls: -b.calls, inputTokens: -b.inputTokens, outputTokens: -b.outputTokens, tools: -b.tools })

/** @param journal every commit of the run, oldest first */
export function summarise(journal: readonly ConversationRecord[]): RunSummary {
  const peers = new Map<string, RunSummary['peers'][number]>()
  const byPeer: Record<string, Spending> = {}
  const before = new Map<string, Spending>()
  const sent = new Set<MessageId>()
  let turns = 0
  for (const { conversation, role, by, usage, outbox, took } of journal) {
    peers.set(`${by.peer} ${by.pid}`, { peer: by.peer, role, host: by.host, pid: by.pid })
    byPeer[by.peer] = plus(byPeer[by.peer] ?? NOTHING, minus(usage, before.get(conversation) ?? NOTHING))
    before.set(conversation, usage)
    for (const { message } of outbox) sent.add(message.id)
    if (took.event !== 'settled' && took.event !== 'takeover') turns++
  }
  const spent = Object.values(byPeer).reduce(plus, NOTHING)
  return { peers: [...peers.values()], messages: sent.size, turns, spent, byPeer }
}

/**
 * Whether nothing of the run is under way: every message that was sent was taken, and no conversation has anything
 * pending. Exact, since the journal is the truth; for whoever can read all of it.
 */
export function isQuiet(journal: readonly ConversationRecord[]): boolean {
  const latest = new Map(journal.map((record) => [record.conversation, record]))
  if ([...latest.values()].some(needsHost)) return false
  const taken = new Set(journal.map(({ took }) => took.id))
  return journal.every(({ outbox }) => outbox.every(({ message }) => taken.has(message.id)))
}
