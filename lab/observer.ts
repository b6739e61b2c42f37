/**
 * What is seen of one run: its commits and puts, added up as they come. `metrics.ts` makes figures of it.
 *
 * A message waits from the moment it is put until a turn takes it that does not keep it for later. What waits at a peer
 * is, over the time of a run, the sum of these waits (Little's law): whether it lay in a mailbox of its own, in that of
 * its role, or in the conversation.
 */
import type { Message } from '../protocols/envelope.ts'
import { nameOf } from '../protocols/ids.ts'
import { run as runProtocol } from '../protocols/run.ts'
import { outputOf } from '../src/run/conclusion.ts'
import type { OriginOutput } from '../src/run/origin.ts'
import { ORIGIN_ROLE } from '../src/run/origin-address.ts'
import { HUB_ROLE } from '../src/topology/shapes/star.ts'
import { isFree } from '../src/turn/outgoing.ts'
import type { ConversationRecord } from '../src/turn/record.ts'
import { isWorker } from './agents/worker.ts'

export type PeerFigures = {
  readonly role: string
  /** With an effect in flight. */
  busyMs: number
  /** Of all messages that it took, from their put to their turn. */
  waitedMs: number
}

/** From when to when, in milliseconds after the run began. */
export type Interval = readonly [from: number, to: number]

export type Observed = {
  /** What the origin got, and when. */
  readonly answer: { readonly output: OriginOutput; readonly atMs: number } | undefined
  readonly peers: ReadonlyMap<string, PeerFigures>
  /** Between agents, control apart. */
  readonly messages: number
  readonly controls: number
  /** Puts of messages between agents into mailboxes: one more for each that passes a message on. */
  readonly puts: number
  /** Those of the messages that were put anywhere: what lies on a blackboard is not. */
  readonly carried: number
  /** Calls of models that came to an end. */
  readonly calls: number
  readonly tokens: number
  /** The largest prompt. */
  readonly promptTokens: number
  /** When each task was done, in order. Done anew, it counts again. */
  readonly doneAtMs: readonly number[]
  /** Those of them, of tasks that no other needs. */
  readonly finalAtMs: readonly number[]
  /** What each piece of work waited for a worker once all it needs was put, in the order in which it began. */
  readonly waitsMs: readonly number[]
  /** Of a supervisor: when it read, and when each result waited for that. Empty where there is none. */
  readonly hub: { readonly busy: readonly Interval[]; readonly waits: readonly Interval[] }
  /** Writes to claims of conversations, and those that came second to another. */
  readonly claims: { readonly written: number; readonly refused: number }
  /** Changes of shared entries, those that came second to another, and the time of the thoughts that were lost so. */
  readonly board: { readonly written: number; readonly conflicts: number; readonly lostMs: number }
  /** Effects that were run again since their process had died, the time lost with them, and the tokens of their prompts. */
  readonly again: { readonly effects: number; readonly ms: number; readonly tokens: number }
  /** When anybody but the origin took a turn last. */
  readonly lastTurnMs: number
  readonly commits: number
}

export interface Observer {
  commit(record: ConversationRecord, atMs: number): void
  put(message: string, mailbox: string): void
  claim(what: 'written' | 'refused'): void
  /** A process of the doomed post died. */
  crashed(atMs: number): void
  seen(): Observed
}

type Sent = { readonly atMs: number; readonly isWork: boolean }
type Flight = { readonly peer: string; readonly sinceMs: number }

const IDLE = runProtocol.messages.idle.type
/** Calls with which a task is done: where a supervisor reads results, it is done once it has read it. */
const READ = `${HUB_ROLE} xstate.done.actor.read`
const WORKED = 'xstate.done.actor.chat'
/** A write to a shared entry. After a conflict the agent thinks again. */
const WROTE = 'xstate.done.actor.writeEntry'
const WRITING = 'writingEntry'
const THINKING = 'thinking'
const DONE = new Set(['solo xstate.done.actor.do', 'solo xstate.done.actor.redo'])

/** The goal and its answer are no talk between agents, nor what one says to itself. */
const isTalk = ({ from, to }: Pick<Message, 'from' | 'to'>): boolean =>
  from.role !== ORIGIN_ROLE && to.role !== ORIGIN_ROLE && (from.role !== to.role || isWorker(from.role))

/** Where an entry is to be changed the work is done once it is. */
const isWorked = ({ event, to }: ConversationRecord['took']): boolean =>
  (event === WORKED && to !== WRITING) || (event === WROTE && to !== THINKING)

/**
 * @param finals names of the tasks that no other needs
 * @param isCounted which messages are talk between agents: those of simulated ones, unless given
 */
export function createObserver(finals: ReadonlySet<string>, isCounted = isTalk): Observer {
  const sent = new Map<string, Sent>()
  const putInto = new Set<string>()
  const carried = new Set<string>()
  const controls = new Set<string>()
  const peers = new Map<string, PeerFigures>()
  const flights = new Map<string, Flight>()
  /** Names of the effects in flight, by conversation. */
  const effects = new Map<string, readonly string[]>()
  const kept = new Map<string, ReadonlySet<string>>()
  const doneAtMs: number[] = []
  const readAtMs: number[] = []
  const finalAtMs: number[] = []
  const waitsMs: number[] = []
  const hub: { readonly busy: Interval[]; readonly waits: Interval[] } = { busy: [], waits: [] }
  const claims = { written: 0, refused: 0 }
  const board = { written: 0, conflicts: 0, lostMs: 0 }
  /** How long each conversation thought last, of those that think about a shared entry. */
  const thoughtMs = new Map<string, number>()
  const again = { effects: 0, ms: 0, tokens: 0 }
  /** Attempts before the last one, of effects that are in flight. */
  const repeated = new Map<string, number>()
  let messages = 0
  let [puts, calls, tokens, promptTokens, lastTurnMs, commits] = [0, 0, 0, 0, 0, 0]
  let answer: Observed['answer']
  let crashedMs: number | undefined

  function peerOf({ by, role }: ConversationRecord): PeerFigures {
    const known = peers.get(by.peer)
    if (known !== undefined) return known
    const fresh = { role, busyMs: 0, waitedMs: 0 }
    peers.set(by.peer, fresh)
    return fresh
  }

  function noteOutbox({ outbox }: ConversationRecord, atMs: number): void {
    for (const { message } of outbox) {
      if (sent.has(message.id) || controls.has(message.id)) continue
      if (message.type === IDLE) controls.add(message.id)
      else if (!isFree(message) && isCounted(message)) {
        sent.set(message.id, { atMs, isWork: isWorker(message.to.role) })
        messages++
      }
    }
  }

  /** Messages that the turn took, or that it kept no longer. */
  function noteTaken(record: ConversationRecord, atMs: number): void {
    const before = kept.get(record.conversation)
    const now = new Set(
      record.deferred.flatMap(({ event }) => (typeof event.id === 'string' ? [event.id] : [])),
    )
    if (now.size > 0) kept.set(record.conversation, now)
    else if (before !== undefined) kept.delete(record.conversation)
    const { id, event } = record.took
    const heard = id !== undefined && !event.startsWith('xstate.') ? [id] : []
    for (const taken of [...(before ?? []), ...heard]) {
      if (now.has(taken)) continue
      const message = sent.get(taken)
      if (message === undefined) continue
      sent.set(taken, { ...message, atMs })
      peerOf(record).waitedMs += atMs - message.atMs
      if (record.role === HUB_ROLE) hub.waits.push([message.atMs, atMs])
      if (message.isWork && record.effects.length > 0) waitsMs.push(atMs - message.atMs)
    }
  }

  function noteEffects(record: ConversationRecord, atMs: number): void {
    const { conversation, by } = record
    const isTakeover = record.took.event === 'takeover'
    const wanted = new Set(record.effects.map(({ name }) => name))
    for (const name of effects.get(conversation) ?? []) {
      const key = `${conversation} ${name}`
      const flight = flights.get(key)
      if (flight === undefined || (wanted.has(name) && !isTakeover)) continue
      flights.delete(key)
      // Who is dead was busy for as long as it lived.
      const endMs = isTakeover ? Math.min(atMs, Math.max(flight.sinceMs, crashedMs ?? atMs)) : atMs
      const peer = peers.get(flight.peer)
      if (peer !== undefined) peer.busyMs += endMs - flight.sinceMs
      if (record.role === HUB_ROLE) hub.busy.push([flight.sinceMs, endMs])
      if (!isTakeover) continue
      again.effects++
      again.ms += endMs - flight.sinceMs
      repeated.set(key, (repeated.get(key) ?? 0) + 1)
    }
    for (const name of wanted) {
      const key = `${conversation} ${name}`
      if (!flights.has(key)) flights.set(key, { peer: by.peer, sinceMs: atMs })
    }
    if (record.effects.length > 0) effects.set(conversation, [...wanted])
    else effects.delete(conversation)
  }

  /** Before its effects are noted. */
  function noteEntry({ took, conversation }: ConversationRecord, atMs: number): void {
    if (took.event === WORKED && took.to === WRITING) {
      thoughtMs.set(conversation, atMs - (flights.get(`${conversation} ${took.id}`)?.sinceMs ?? atMs))
    } else if (took.event === WROTE && took.to === THINKING) {
      board.conflicts++
      board.lostMs += thoughtMs.get(conversation) ?? 0
    } else if (took.event === WROTE) {
      board.written++
      thoughtMs.delete(conversation)
    }
  }

  function noteCall({ took, conversation, role }: ConversationRecord, atMs: number): void {
    const call = `${role} ${took.event}`
    if (call === READ) readAtMs.push(atMs)
    else if (DONE.has(call) || (isWorker(role) && isWorked(took))) {
      doneAtMs.push(atMs)
      if (finals.has(nameOf(conversation))) finalAtMs.push(atMs)
    }
    if (took.call === undefined) return
    const { inputTokens, outputTokens } = took.call
    calls++
    tokens += (inputTokens ?? 0) + (outputTokens ?? 0)
    promptTokens = Math.max(promptTokens, inputTokens ?? 0)
    const key = `${conversation} ${took.id}`
    const times = repeated.get(key) ?? 0
    again.tokens += times * (inputTokens ?? 0)
    // Whoever died had paid for the prompt as well.
    tokens += times * (inputTokens ?? 0)
    repeated.delete(key)
  }

  return {
    commit(record, atMs) {
      commits++
      peerOf(record)
      noteEntry(record, atMs)
      noteEffects(record, atMs)
      noteTaken(record, atMs)
      noteOutbox(record, atMs)
      noteCall(record, atMs)
      if (record.role !== ORIGIN_ROLE) {
        if (record.took.event !== 'settled') lastTurnMs = atMs
        return
      }
      const output = outputOf(record)
      if (output !== undefined) answer ??= { output, atMs }
    },
    put(message, mailbox) {
      if (!sent.has(message) || putInto.has(`${message}>${mailbox}`)) return
      putInto.add(`${message}>${mailbox}`)
      carried.add(message)
      puts++
    },
    claim(what) {
      claims[what]++
    },
    crashed(atMs) {
      crashedMs = atMs
    },
    seen: () => ({
      ...{
        answer,
        peers,
        messages,
        puts,
        carried: carried.size,
        controls: controls.size,
        calls,
        tokens,
        promptTokens,
      },
      doneAtMs: readAtMs.length > 0 ? readAtMs : doneAtMs,
      ...{ finalAtMs, waitsMs, hub, claims, board, again, lastTurnMs, commits },
    }),
  }
}
