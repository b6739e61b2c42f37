/** Commits of a small run, written by hand: what those who show a run are given. */
import type { Message } from '../../protocols/envelope.ts'
import { conversationId, peerId, roleName, runId } from '../../protocols/ids.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'

const RUN = runId('r-1')
export const STARTED_AT = 1_700_000_000_000

type Said = {
  readonly type: string
  readonly body: unknown
  /** `coder/fix` */
  readonly to: string
  /** It answers something. */
  readonly answers?: boolean
  /** An answer to it is owed to somebody, here or elsewhere. */
  readonly wants?: 'here' | 'elsewhere'
}

type Commit = {
  /** `coder-1/fix`: who committed it, in which conversation. */
  readonly by: string
  readonly turn?: number
  /** Seconds since the run began. */
  readonly at: number
  readonly says?: readonly Said[]
  /** An effect in flight: `chat`, or the name of a tool. */
  readonly does?: string
  /** It still owes an answer. */
  readonly owes?: boolean
  readonly problem?: string
  readonly tokens?: number
  /** It took a failed call to its model, and asks again after so many seconds. */
  readonly fault?: { readonly code: string; readonly message: string; readonly pause: number }
}

export function commit({
  by,
  turn = 2,
  at,
  says = [],
  does,
  owes = false,
  problem,
  tokens = 0,
  fault,
}: Commit) {
  const [peer = '', name = ''] = by.split('/')
  const conversation = conversationId(RUN, name)
  const messages = says.map(({ type, body, to, answers, wants }, index) => {
    const [role = '', target = ''] = to.split('/')
    const id = `${conversation}>${RUN}/${target}#${turn * 10 + index}`
    const message = {
      id,
      type,
      body,
      from: { role: peer.replace(/-\d+$/, ''), peer, conversation },
      to: { role: roleName(role), conversation: conversationId(RUN, target) },
      slip: wants === 'elsewhere' ? [{}] : [],
      ...(answers && { correlation: id }),
    }
    return { message: message as unknown as Message, wants }
  })
  const awaiting = messages.filter(({ wants }) => wants === 'here')
  const effect = does === 'chat' ? { src: 'chat', input: {} } : { src: 'tool', input: { tool: does } }
  return {
    conversation,
    run: RUN,
    role: peer.replace(/-\d+$/, ''),
    owner: peerId(peer),
    turn,
    phase: owes ? 'open' : 'closed',
    problem: problem ?? null,
    outbox: messages.map(({ message }) => ({ mailbox: { kind: 'role' }, message })),
    effects: does === undefined ? [] : [effect],
    awaiting: awaiting.map(({ message: { id, to } }) => ({ id, to })),
    requests: owes ? [{}] : [],
    usage: { calls: 0, inputTokens: tokens, outputTokens: 0, tools: 0 },
    by: { peer: peerId(peer), host: 'test', pid: 1 },
    at: STARTED_AT + at * 1_000,
    timers: fault === undefined ? [] : [{ dueAt: STARTED_AT + (at + fault.pause) * 1_000 }],
    took: {
      ...{ event: 'x', from: '', to: '' },
      ...(fault && { input: { kind: 'outcome', result: { ok: false, error: fault } } }),
    },
  } as unknown as ConversationRecord
}

const finding = { what: 'fix > works', detail: 'it does not' }

/** A goal, two tasks of which one waits for the other, a question, and a review that sends work back. */
export const COMMITS: readonly ConversationRecord[] = [
  commit({
    by: 'origin/origin',
    at: 0,
    says: [{ type: 'run.goal', body: { goal: 'Mend it' }, to: 'planner/goal', wants: 'here' }],
  }),
  commit({ by: 'planner-1/goal', turn: 1, at: 1, does: 'chat', owes: true, tokens: 1_200 }),
  commit({
    by: 'planner-1/goal',
    at: 2,
    says: [
      { type: 'task.request', body: { title: 'find it' }, to: 'researcher/look', wants: 'elsewhere' },
      { type: 'task.request', body: { title: 'mend it' }, to: 'coder/fix', wants: 'elsewhere' },
      { type: 'review.request', body: { tasks: [{}] }, to: 'reviewer/review', wants: 'elsewhere' },
    ],
  }),
  commit({ by: 'coder-1/fix', turn: 1, at: 2, owes: true }),
  commit({ by: 'researcher-1/look', turn: 1, at: 3, does: 'search_documents', owes: true }),
  commit({
    by: 'researcher-1/look',
    at: 4,
    says: [
      { type: 'task.result', body: { summary: 'found' }, to: 'coder/fix', answers: true },
      { type: 'task.result', body: { summary: 'found' }, to: 'reviewer/review', answers: true },
    ],
  }),
  commit({
    by: 'coder-1/fix',
    at: 5,
    owes: true,
    says: [{ type: 'question.ask', body: { question: 'how?' }, to: 'researcher/fix-q1', wants: 'here' }],
  }),
]

export const SENT_BACK = commit({
  by: 'reviewer-1/review',
  at: 8,
  owes: true,
  says: [{ type: 'review.revise', body: { round: 1, findings: [finding] }, to: 'coder/fix', wants: 'here' }],
})
