/**
 * A run as it stands, folded from its commits: its tasks, who works on what, what was spent. The same commits give the
 * same view, whoever looks.
 */
import { failure } from '../../protocols/failure.ts'
import { nameOf, type PeerId, type RoleName } from '../../protocols/ids.ts'
import { question } from '../../protocols/question.ts'
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { faultOf } from './fault.ts'
import { gist } from './gist.ts'
import { type PendingWait, pendingWaits } from './wait.ts'

export type TaskView = {
  readonly name: string
  readonly title: string
  readonly role: RoleName
  /** `waiting`: taken, and something else has to come first. */
  readonly state: 'open' | 'waiting' | 'working' | 'done' | 'failed'
  readonly peer: PeerId | undefined
  /** How often it was sent back. */
  readonly rounds: number
  /** Why it failed, was sent back last, or is to be asked of its model again. */
  readonly note: string
  /** Milliseconds since 1970. */
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
}

export type PeerView = {
  readonly peer: PeerId
  readonly role: RoleName
  readonly state: 'idle' | 'waiting' | 'working'
  /** `thinks`, `run_tests`, `waits for researcher`. */
  readonly doing: string
  /** The conversation that it does it in. */
  readonly conversation: string
}

export type RunView = {
  readonly tasks: readonly TaskView[]
  readonly peers: readonly PeerView[]
  readonly messages: number
  readonly tokens: number
  /** What waits for a person now. */
  readonly waits: readonly PendingWait[]
}

const IDLE = run.messages.idle.type

export interface Progress {
  /** Peers that are there from the start, so that those who have done nothing yet are seen. */
  expect(peers: readonly { readonly peer: PeerId; readonly role: RoleName }[]): void
  take(record: ConversationRecord): void
  view(): RunView
}

export function createProgress(): Progress {
  const tasks = new Map<string, TaskView>()
  const latest = new Map<string, ConversationRecord>()
  const peers = new Map<PeerId, RoleName>()
  const sent = new Set<string>()

  return {
    expect(expected) {
      for (const { peer, role } of expected) peers.set(peer, role)
    },
    take(record) {
      for (const { message } of record.outbox) if (message.type !== IDLE) sent.add(message.id)
      announce(tasks, record)
      const name = nameOf(record.conversation)
      const task = tasks.get(name)
      if (task !== undefined) tasks.set(name, followed(task, record, latest.get(name)))
      if (record.role !== ORIGIN_ROLE) peers.set(record.by.peer, record.role)
      latest.set(name, record)
    },
    view() {
      const records = [...latest.values()]
      const byName = (a: PeerView, b: PeerView) => a.peer.localeCompare(b.peer, 'en', { numeric: true })
      return {
        tasks: [...tasks.values()],
        peers: [...peers].map(([peer, role]) => ({ peer, role, ...doingOf(peer, records) })).sort(byName),
        messages: sent.size,
        waits: records.flatMap(pendingWaits),
        tokens: records.reduce((sum, { usage }) => sum + usage.inputTokens + usage.outputTokens, 0),
      }
    },
  }
}

/** A request makes a task, or opens it again. A question is asked in the middle of one, and makes none. */
function announce(tasks: Map<string, TaskView>, { outbox, awaiting }: ConversationRecord): void {
  for (const { message } of outbox) {
    const { id, type, body, to, slip } = message
    const name = nameOf(to.conversation)
    const known = tasks.get(name)
    if (known !== undefined && type === review.messages.revise.type) {
      const note = gist(type, body)
      tasks.set(name, { ...known, state: 'open', rounds: known.rounds + 1, note, endedAt: undefined })
    }
    const wantsAnswer = slip.length > 0 || awaiting.some((one) => one.id === id)
    if (known !== undefined || !wantsAnswer || type === question.messages.ask.type) continue
    tasks.set(name, {
      name,
      title: gist(type, body),
      role: to.role,
      state: 'open',
      peer: undefined,
      rounds: 0,
      note: '',
      startedAt: undefined,
      endedAt: undefined,
    })
  }
}

/** A task after a commit of its conversation. */
function followed(
  task: TaskView,
  record: ConversationRecord,
  before: ConversationRecord | undefined,
): TaskView {
  const { at, problem, requests, effects, outbox } = record
  const { peer } = record.by
  if (requests.length > 0) {
    const working = effects.length > 0
    const startedAt = task.startedAt ?? (working ? at : undefined)
    const state = working ? 'working' : 'waiting'
    const note = faultOf(record)?.message ?? (before && faultOf(before) !== undefined ? '' : task.note)
    return { ...task, state, peer: record.owner ?? undefined, startedAt, note }
  }
  const gaveUp = outbox.find(({ message }) => message.type === failure.messages.failure.type)?.message
  if (problem !== null || gaveUp !== undefined) {
    const note = gaveUp === undefined ? (problem ?? '') : gist(gaveUp.type, gaveUp.body)
    return { ...task, state: 'failed', peer, note, endedAt: at }
  }
  // It owed an answer, and owes none any more.
  const answered = (before?.requests.length ?? 0) > 0
  return answered ? { ...task, state: 'done', peer, note: '', endedAt: at } : task
}

function doingOf(
  peer: PeerId,
  records: readonly ConversationRecord[],
): Pick<PeerView, 'state' | 'doing' | 'conversation'> {
  const own = records.filter(({ by, phase }) => by.peer === peer && phase === 'open')
  const busy = own.find((record) => record.effects.length > pendingWaits(record).length)
  if (busy !== undefined) {
    const { src, input } = busy.effects[0]!
    const doing = src === 'tool' ? (input as { tool: string }).tool : src === 'chat' ? 'thinks' : src
    return { state: 'working', doing, conversation: nameOf(busy.conversation) }
  }
  for (const record of own) {
    const [wait] = pendingWaits(record)
    if (wait === undefined) continue
    return {
      state: 'waiting',
      doing: `waits for you: ${wait.tool}`,
      conversation: nameOf(record.conversation),
    }
  }
  const asking = own.find(({ awaiting }) => awaiting.length > 0)
  if (asking !== undefined) {
    const doing = `waits for ${asking.awaiting[0]!.to.role}`
    return { state: 'waiting', doing, conversation: nameOf(asking.conversation) }
  }
  const faulty = own.find((record) => faultOf(record) !== undefined)
  if (faulty !== undefined) {
    return { state: 'waiting', doing: 'waits for its model', conversation: nameOf(faulty.conversation) }
  }
  return { state: 'idle', doing: '', conversation: '' }
}
