/**
 * Work that is not done yet, by the role that it is for: messages that nobody has dealt with, and conversations with
 * something pending. Of one run it is exact, from its commits; of all runs it is as good as a look at the bus. Whether
 * somebody is there to do it: see `unattended`.
 */
import type { ConversationId, MessageId, PeerId, RoleName } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import { ORIGIN_ROLE } from '../run/origin-address.ts'
import { decodeRun } from '../run/run-record.ts'
import { roleInName } from '../topology/view.ts'
import { type ConversationRecord, decodeRecord, needsHost, runPrefix } from '../turn/record.ts'
import { readable } from './readable.ts'

export type Work = {
  readonly role: RoleName
  readonly messages: number
  readonly conversations: number
}

export interface Backlog {
  take(record: ConversationRecord): void
  /** By role, those of origins left out: nobody else can do it. */
  work(): readonly Work[]
}

/** Folds the commits of one run, in their order. */
export function createBacklog(): Backlog {
  const taken = new Set<string>()
  const underWay = new Map<MessageId, RoleName>()
  const pending = new Map<ConversationId, RoleName>()
  return {
    take(record) {
      const { conversation, role, outbox, took } = record
      if (needsHost(record)) pending.set(conversation, role)
      else pending.delete(conversation)
      for (const { message } of outbox) if (!taken.has(message.id)) underWay.set(message.id, message.to.role)
      if (took.id === undefined) return
      taken.add(took.id)
      underWay.delete(took.id as MessageId)
    },
    work() {
      const tally = createTally()
      for (const role of underWay.values()) tally.add(role, { messages: 1 })
      for (const role of pending.values()) tally.add(role, { conversations: 1 })
      return tally.work()
    },
  }
}

/** The work of all runs that are under way, and all mail. @throws UnavailableError, AmbiguousError */
export async function workOn({ mailboxes, records }: Bus, now: number): Promise<readonly Work[]> {
  const [waiting, found] = await Promise.all([mailboxes.waiting(), records.latest('run')])
  // What is left of a run after its deadline is only to be closed.
  const runs = found
    .flatMap(({ value }) => readable(() => decodeRun(value)))
    .filter(({ state, deadline }) => state !== 'over' && now < deadline)
  const latest = await Promise.all(runs.map(({ run }) => records.latest(runPrefix(run))))
  const conversations = latest.flat().flatMap(({ value }) => readable(() => decodeRecord(value)))
  const tally = createTally()
  for (const { mailbox, depth } of waiting) tally.add(roleOf(mailbox), { messages: depth })
  for (const { role } of conversations.filter(needsHost)) tally.add(role, { conversations: 1 })
  return tally.work()
}

function createTally() {
  const counts = new Map<RoleName, Work>()
  return {
    add(role: RoleName | undefined, more: Partial<Work>): void {
      if (role === undefined || role === ORIGIN_ROLE) return
      const { messages = 0, conversations = 0 } = counts.get(role) ?? {}
      counts.set(role, {
        role,
        messages: messages + (more.messages ?? 0),
        conversations: conversations + (more.conversations ?? 0),
      })
    },
    work: () => [...counts.values()].sort((a, b) => a.role.localeCompare(b.role, 'en')),
  }
}

function roleOf(mailbox: Mailbox): RoleName | undefined {
  if (mailbox.kind === 'role') return mailbox.role
  return roleOfPeer(mailbox.peer)
}

/** By its name, `coder-1`. Undefined for a name that says nothing. */
export function roleOfPeer(peer: PeerId): RoleName | undefined {
  if (peer.startsWith(`${ORIGIN_ROLE}-`)) return ORIGIN_ROLE
  return roleInName(peer)
}
