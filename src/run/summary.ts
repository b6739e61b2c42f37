/** What a run did, read off its journal: who took part, what it spent, what is still under way. */
import type { MessageId, PeerId, RoleName } from '../../protocols/ids.ts'
import { run } from '../../protocols/run.ts'
import { isFree } from '../turn/outgoing.ts'
import type { ConversationRecord } from '../turn/record.ts'

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
  /** Messages between conversations: those that a run may be allowed only so many of. */
  readonly messages: number
  /** Messages that only bring stake home. */
  readonly control: number
  /** Commits of a machine's own. */
  readonly turns: number
  readonly spent: Spending
  readonly byPeer: Readonly<Record<string, Spending>>
}

const IDLE = run.messages.idle.type
/** Events of commits that a host makes by itself: nothing was offered to a machine. */
export const BY_HOST: ReadonlySet<string> = new Set(['settled', 'takeover', 'credited', 'ended'])
export const NO_SPENDING: Spending = { calls: 0, inputTokens: 0, outputTokens: 0, tools: 0 }

export const plusSpending = (a: Spending, b: Spending): Spending => ({
  calls: a.calls + b.calls,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  tools: a.tools + b.tools,
})

const minus = (a: Spending, b: Spending): Spending =>
  plusSpending(a, {
    calls: -b.calls,
    inputTokens: -b.inputTokens,
    outputTokens: -b.outputTokens,
    tools: -b.tools,
  })

/** What each commit adds to what its conversation had spent. @param journal every commit of the run, oldest first */
export function spentByCommit(journal: readonly ConversationRecord[]): readonly Spending[] {
  const before = new Map<string, Spending>()
  return journal.map(({ conversation, usage }) => {
    const spent = minus(usage, before.get(conversation) ?? NO_SPENDING)
    before.set(conversation, usage)
    return spent
  })
}

/** @param journal every commit of the run, oldest first */
export function summarise(journal: readonly ConversationRecord[]): RunSummary {
  const peers = new Map<string, RunSummary['peers'][number]>()
  const byPeer: Record<string, Spending> = {}
  const added = spentByCommit(journal)
  const sent = new Set<MessageId>()
  const control = new Set<MessageId>()
  let turns = 0
  for (const [index, { role, by, outbox, took }] of journal.entries()) {
    peers.set(`${by.peer} ${by.pid}`, { peer: by.peer, role, host: by.host, pid: by.pid })
    byPeer[by.peer] = plusSpending(byPeer[by.peer] ?? NO_SPENDING, added[index]!)
    for (const id of took.unsent ?? []) sent.delete(id)
    for (const { message } of outbox) {
      if (message.type === IDLE) control.add(message.id)
      else if (!isFree(message)) sent.add(message.id)
    }
    if (!BY_HOST.has(took.event)) turns++
  }
  const spent = Object.values(byPeer).reduce(plusSpending, NO_SPENDING)
  return { peers: [...peers.values()], messages: sent.size, control: control.size, turns, spent, byPeer }
}
