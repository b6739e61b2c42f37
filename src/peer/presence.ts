/** Presence: every peer says now and then that it is there, and at once when somebody asks. */
import type { PeerId } from '../../protocols/ids.ts'
import { type Beat, PRESENCE_INTERVAL_MS, PRESENCE_SUBJECT, presence } from '../../protocols/presence.ts'
import type { Frame } from '../bus/frame.ts'
import type { Signals } from '../bus/signals.ts'
import { type Clock, sleep } from '../time/clock.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const frame = (body: unknown): Frame => ({ headers: {}, body: encoder.encode(JSON.stringify(body)) })

/** A beat as it came, or undefined for what is none: anybody may publish there. */
export function readBeat(received: Frame): Beat | undefined {
  try {
    return presence.messages.beat.body.safeParse(JSON.parse(decoder.decode(received.body))).data
  } catch {
    return undefined
  }
}

export interface Presence {
  stop(): Promise<void>
  /** A last word: the peer is free. */
  sayGone(): void
}

/** Announces one peer until it is stopped. */
export async function announce(options: {
  readonly signals: Signals
  readonly clock: Clock
  readonly beat: () => Beat
  /** Rejects where the peer may be somebody else's by now: then nothing is said. */
  readonly assure: () => Promise<void>
}): Promise<Presence> {
  const { signals, clock, beat, assure } = options
  const stopping = new AbortController()
  const probes = await signals.subscribe(PRESENCE_SUBJECT.probe)
  /** A beat that the bus does not take is one that nobody hears; the next one may be. */
  async function say(): Promise<void> {
    try {
      await assure()
      if (!stopping.signal.aborted) signals.publish(PRESENCE_SUBJECT.beat, frame(beat()))
    } catch {
      // The bus is away, or the peer not ours any more: others tell of that.
    }
  }

  async function answering(): Promise<void> {
    for await (const _ of probes) await say()
  }

  async function beating(): Promise<void> {
    while (!stopping.signal.aborted) {
      await say()
      await sleep(clock, PRESENCE_INTERVAL_MS, stopping.signal)
    }
  }

  const loops = [answering(), beating()]
  return {
    async stop() {
      stopping.abort()
      probes.close()
      await Promise.all(loops)
    },
    sayGone: () => sayGone(signals, beat().peer),
  }
}

/** Says that a peer is free. */
export function sayGone(signals: Signals, peer: PeerId): void {
  try {
    signals.publish(PRESENCE_SUBJECT.gone, frame({ peer }))
  } catch {
    // Nobody hears it, and the lease tells.
  }
}

/** Milliseconds that everybody has to answer a probe. */
const PROBE_MS = 400

/** Who is there now, by name: asks, and listens for a moment, or until `enough` says so. */
export async function rollCall(
  signals: Signals,
  clock: Clock,
  enough: (beats: readonly Beat[]) => boolean = () => false,
  waitMs = PROBE_MS,
): Promise<Beat[]> {
  const beats = new Map<string, Beat>()
  const subscription = await signals.subscribe(PRESENCE_SUBJECT.beat)
  const timer = clock.setTimer(waitMs, () => subscription.close())
  signals.publish(PRESENCE_SUBJECT.probe, frame({}))
  for await (const { frame: received } of subscription) {
    const beat = readBeat(received)
    if (beat !== undefined) beats.set(beat.peer, beat)
    if (enough([...beats.values()])) break
  }
  timer.cancel()
  subscription.close()
  return [...beats.values()].sort((a, b) => a.peer.localeCompare(b.peer, 'en', { numeric: true }))
}
