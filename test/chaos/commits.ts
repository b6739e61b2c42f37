/** Journals, written by hand: what the checks of `chaos/` are given. Their stake adds up. */

import type { Commit } from '../../chaos/journal.ts'
import { conversationId, type MessageId, messageId, peerId, runId } from '../../protocols/ids.ts'
import { ORIGIN_CONVERSATION, originPeer } from '../../src/run/origin-address.ts'

export const RUN = runId('r-1')
export const CONVERSATION = conversationId(RUN, 'work')
const ORIGIN = conversationId(RUN, ORIGIN_CONVERSATION)

/** The message that the run was given, the one that its origin sends, and the answer. */
const GIVEN = messageId(conversationId(RUN, 'submit'), ORIGIN, 1)
const GOAL = messageId(ORIGIN, CONVERSATION, 1)
const RESULT = messageId(CONVERSATION, ORIGIN, 1)

export type Said = {
  /** When the server stored it, in milliseconds. */
  readonly at: number
  readonly event?: string
  /** The message or the effect that it took. */
  readonly took?: string
  /** A call of the model in flight: `<name> <span> <attempt>`. */
  readonly calls?: string
  /** A message to send, and the stake that it carries. */
  readonly sends?: { readonly id: MessageId; readonly stake: string }
  /** What it holds then: half of all while it works, and nothing when it is idle. */
  readonly stake?: string
  readonly pid?: number
  readonly epoch?: number
}

export function commit({ at, event = 'x', took, calls, sends, stake, pid = 1, epoch = 1 }: Said): Commit {
  const [name, spanId, attempt] = calls?.split(' ') ?? []
  const record = {
    conversation: CONVERSATION,
    phase: 'open',
    owner: calls === undefined && sends === undefined ? null : peerId('worker-1'),
    epoch,
    turn: at,
    by: { peer: peerId('worker-1'), host: 'test', pid },
    took: { event, from: 'a', to: 'b', ...(took !== undefined && { id: took }) },
    effects: calls === undefined ? [] : [{ src: 'chat', name, spanId, attempt: Number(attempt) }],
    outbox: outboxOf(sends),
    stake: stake ?? (calls === undefined ? '0p0' : '1p1'),
    ...{ timers: [], awaiting: [] },
  }
  return { record: record as unknown as Commit['record'], storedAt: at }
}

/** A commit of the run's origin, in a process that nothing happens to. */
function originCommit({ at, took, sends, stake }: Said & { readonly stake: string }): Commit {
  const peer = originPeer(RUN)
  const { record } = commit({ at, stake, ...(took && { took }), ...(sends && { sends }), pid: 9 })
  const isWaiting = sends !== undefined
  return {
    record: {
      ...record,
      conversation: ORIGIN,
      owner: isWaiting ? peer : null,
      by: { ...record.by, peer },
      awaiting: isWaiting ? [{ id: sends.id }] : [],
    } as unknown as Commit['record'],
    storedAt: at,
  }
}

const outboxOf = (sends: Said['sends']) =>
  sends === undefined
    ? []
    : [{ message: { ...sends, to: { conversation: sends.id === GOAL ? CONVERSATION : ORIGIN } } }]

/** A call, the death of its process, and the answer that the next one got: a run from its beginning to its end. */
export const RESUMED = [
  originCommit({ at: 50, took: GIVEN, sends: { id: GOAL, stake: '1p1' }, stake: '1p1' }),
  commit({ at: 100, took: GOAL, calls: '1.0 span-a 1' }),
  commit({ at: 200, event: 'takeover', calls: '1.0 span-a 2', pid: 2, epoch: 5 }),
  commit({ at: 300, took: '1.0', calls: '2.0 span-b 1', pid: 2, epoch: 5 }),
  commit({ at: 400, took: '2.0', sends: { id: RESULT, stake: '1p1' }, pid: 2, epoch: 5 }),
  originCommit({ at: 450, took: RESULT, stake: '1p0' }),
]

/** The same, up to and without what happened at that time. */
export const resumedUntil = (at: number) => RESUMED.filter(({ storedAt }) => storedAt < at)
