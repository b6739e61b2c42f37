/** What the host of a peer takes, and what can be asked of it. */
import type { ConversationId, PeerId, RunId } from '../../protocols/ids.ts'
import type { Meter } from '../../traces/meter.ts'
import type { Redact } from '../../traces/redacted.ts'
import type { SpanSink } from '../../traces/span.ts'
import type { Bus } from '../bus/bus.ts'
import type { Codec } from '../codec/codec.ts'
import type { Log } from '../log.ts'
import type { MessageQuotas } from '../run/quotas.ts'
import type { RunStates } from '../run/run-states.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { Behaviour } from './behaviour.ts'
import type { EffectHandlers } from './effects.ts'
import type { FencedError } from './holdings.ts'
import type { Committed } from './journal.ts'
import type { Owners } from './owners.ts'
import type { Trials } from './trials.ts'
import type { TurnInput } from './turn-input.ts'
import type { Board, Routing } from './way.ts'

export type HostOptions = {
  readonly bus: Bus
  readonly codec: Codec
  readonly clock: Clock
  readonly random: Random
  readonly behaviour: Behaviour
  readonly handlers: EffectHandlers
  readonly peer: PeerId
  /** Epoch of the peer's lease: greater than that of any host the peer had before. */
  readonly epoch: number
  /** Conversations that may have an effect in flight before the role's mailbox is left to others; 0: it always is. */
  readonly limit: number
  /** Resolves while nobody else can host the peer; nothing is taken or published without. @throws LeaseLostError */
  readonly assure?: () => Promise<void>
  /** What the topology of a run says of its messages; they go where they would by themselves unless given. */
  readonly routing?: Routing | undefined
  /** Blackboards of runs. */
  readonly board?: Board | undefined
  /** Another process's peer, for as long as it has something to finish. */
  readonly adopted?: boolean
  /** Messages are booked before they are sent, where the run has a limit of them; it has none unless given. */
  readonly quotas?: MessageQuotas
  /** Of the process; of the host's own unless given. */
  readonly trials?: Trials
  /** A watch of the process's own, started by now; one of the host's own unless given. */
  readonly owners?: Owners
  /** What state runs are in: a watch of the process's own, started by now; one of the host's own unless given. */
  readonly runs?: RunStates
  /**
   * Resolves when an input may be taken, with the input to take: a replay says when and what. It may be taken at once
   * unless given.
   */
  readonly admit?: ((conversation: ConversationId, input: TurnInput) => Promise<TurnInput>) | undefined
  readonly host: string
  readonly pid: number
  /** Resource attributes of the spans made here. */
  readonly resource: Readonly<Record<string, string | number>>
  readonly spans: SpanSink
  /** Takes secrets out of what spans say of failures, and out of the errors of effects; nothing does unless given. */
  readonly redact?: Redact | undefined
  /** Nobody counts unless given. */
  readonly meter?: Meter | undefined
  readonly log: Log
  /** Told of every commit made here, before anything follows from it: for whoever watches closely, and changes nothing. */
  readonly onOwnCommit?: ((committed: Committed) => void) | undefined
  /** Told once when a later incarnation of the peer is at work. This host has stopped by then. */
  readonly onFenced?: (error: FencedError) => void
  /** Told of a conversation of this peer that this process cannot host. It is left as it is. */
  readonly onMisfit?: () => void
}

export interface Host {
  /** Takes over what the peer left, then begins to read. */
  start(): Promise<void>
  /** What it does now, for presence. */
  view(): HostView
  /** Reads no more, finishes the turns in hand and aborts the effects, which stay pending in their records. */
  drain(): Promise<void>
  /** Stops at once: another process hosts the peer. */
  stop(): void
}

export type HostView = {
  readonly conversations: number
  readonly busy: number
  /** Effects in flight. */
  readonly effects: number
  readonly doing: readonly string[]
  readonly runs: readonly RunId[]
  /** Conversations of this peer that this process cannot host, and left as they are. */
  readonly refused: number
}
