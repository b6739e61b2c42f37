/** Hosts of workers on a memory network whose clock stands still, and somebody outside who talks to them. */
import { onTestFinished } from 'vitest'
import type { Message } from '../../protocols/envelope.ts'
import { failure } from '../../protocols/failure.ts'
import { type ConversationId, peerId, roleName } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import type { Frame } from '../../src/bus/frame.ts'
import type { Mailbox } from '../../src/bus/mailboxes.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import { type MemoryNetworkOptions, memoryNetwork } from '../../src/bus/memory/network.ts'
import { createCodec } from '../../src/codec/codec.ts'
import { silentLog } from '../../src/log.ts'
import type { MessageQuotas } from '../../src/run/quotas.ts'
import { mortalClock } from '../../src/time/mortal-clock.ts'
import { seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import type { Behaviour } from '../../src/turn/behaviour.ts'
import { deadLetters } from '../../src/turn/dead-letters.ts'
import type { EffectContext, EffectHandler, EffectHandlers } from '../../src/turn/effects.ts'
import { createHost } from '../../src/turn/host.ts'
import type { Host } from '../../src/turn/host-options.ts'
import { type ConversationRecord, decodeRecord, recordKey } from '../../src/turn/record.ts'
import type { Routing } from '../../src/turn/way.ts'
import type { Redact } from '../../traces/redacted.ts'
import type { Span } from '../../traces/span.ts'
import { pass, quiet, settled } from '../bus/memory/virtual.ts'
import { type Counted, countingMeter } from './counting-meter.ts'
import { client, hammering, NOW, nothingHeard, parcel, parcels, worker } from './stage.ts'

export const codec = createCodec(createRegistry([parcel, failure, runProtocol]))
export const workers: Mailbox = { kind: 'role', role: roleName('worker') }
export const peer = (name: string): Mailbox => ({ kind: 'peer', peer: peerId(name) })

export type Incarnation = {
  readonly behaviour: Behaviour
  /** Who hosts: its peer, unless another is given. */
  readonly client?: string
  readonly peer?: string
  readonly epoch?: number
  readonly limit?: number
  readonly handlers?: EffectHandlers
  readonly quotas?: MessageQuotas
  readonly routing?: Routing
  readonly redact?: Redact
}

export type World = ReturnType<typeof world>

/** @param faults decides what happens to every operation */
export function world(faults?: Faults, more: Partial<MemoryNetworkOptions> = {}) {
  const clock = virtualClock(NOW)
  const random = seededRandom(1)
  const network = memoryNetwork({ clock, random, faults, ...more })
  const outside = network.connect('outside')
  const reading = new AbortController()
  const warnings: string[] = []
  const spans: Span[] = []
  const counts = countingMeter()
  const hosts: Host[] = []
  onTestFinished(async () => {
    reading.abort()
    await Promise.all(hosts.map((host) => settled(clock, host.drain())))
  })

  /** Everything that is in a mailbox, read and acknowledged. */
  async function mail(mailbox: Mailbox = { kind: 'peer', peer: client.peer }): Promise<Frame[]> {
    const frames: Frame[] = []
    const reader = await settled(clock, outside.mailboxes.reader(mailbox, { prefetch: 100 }))
    while ((await settled(clock, outside.mailboxes.depth(mailbox))) > 0) {
      const delivery = await settled(clock, reader.next(reading.signal))
      if (delivery === undefined) break
      frames.push(delivery.frame)
      await settled(clock, delivery.ack())
    }
    await reader.close()
    return frames
  }

  return {
    clock,
    network,
    outside,
    /** What hosts warned of, in order. */
    warnings,
    /** What hosts emitted. */
    spans,
    /** What hosts counted. */
    counts: counts as Counted,
    pass: (ms: number) => pass(clock, ms),
    settled: <Value>(promise: Promise<Value>) => settled(clock, promise),

    /** A host that has begun to read. `crash` ends it in the middle of whatever it does. */
    async host({ behaviour, peer: name = 'worker-1', client: who = name, ...options }: Incarnation) {
      const own = mortalClock(clock)
      const host = createHost({
        bus: network.connect(who),
        codec,
        clock: own,
        random: random.fork(who),
        behaviour,
        handlers: options.handlers ?? {},
        peer: peerId(name),
        epoch: options.epoch ?? 1,
        limit: options.limit ?? 1,
        ...(options.quotas && { quotas: options.quotas }),
        ...(options.routing && { routing: options.routing }),
        redact: options.redact,
        host: 'here',
        pid: 1,
        resource: {},
        spans: { emit: (some) => void spans.push(...some), close: async () => {} },
        meter: counts.meter,
        log: {
          ...silentLog,
          warn: (text) => void warnings.push(text),
          error: (text) => void warnings.push(text),
        },
      })
      await settled(clock, host.start())
      hosts.push(host)
      return Object.assign(host, {
        crash() {
          own.stop()
          network.crash(who)
          hosts.splice(hosts.indexOf(host), 1)
        },
      })
    },

    /** Puts a message, or a frame as it is, and lets happen what needs no time. */
    async send(message: Message | Frame, mailbox: Mailbox = workers) {
      const frame = 'headers' in message ? message : codec.encode(message)
      await settled(clock, outside.mailboxes.put(mailbox, frame, { dedup: random.hex(8) }))
      await quiet()
    },

    mail,

    letters: () => settled(clock, deadLetters(outside.records).list()),

    /** What came to the client: types, bodies and correlations. */
    async answers() {
      const frames = await mail()
      return frames
        .map((frame) => codec.decode(frame))
        .map(({ type, body, correlation }) => ({ type, body, correlation }))
    },

    /** Every commit to a conversation, oldest first. */
    async journal(conversation: ConversationId): Promise<ConversationRecord[]> {
      const entries = await settled(clock, outside.records.history(recordKey(conversation)))
      return entries.map((entry) => decodeRecord(entry.value))
    },
  }
}

/** Answers an order when its tool has done the work; hears notes meanwhile. */
export const smith = worker(
  parcels.createMachine({
    context: nothingHeard,
    initial: 'idle',
    states: {
      idle: { on: { 'parcel.order': 'working' } },
      working: {
        invoke: {
          ...hammering,
          onDone: { target: 'idle', actions: 'answer' },
          onError: { target: 'idle', actions: 'sayError' },
        },
        on: { 'parcel.note': { actions: 'hear' } },
      },
    },
  }),
)

/** An effect of which a test decides when and how it ends. */
export function controlled(more: Partial<EffectHandler> = {}) {
  const calls: (EffectContext & { readonly input: unknown; end(output: unknown): void })[] = []
  const handler: EffectHandler = {
    describe: () => ({ name: 'controlled', kind: 'internal', attributes: {} }),
    repeatable: () => true,
    timeoutMs: () => 1_000_000,
    run: (input, context) =>
      new Promise((resolve) => {
        calls.push({ ...context, input, end: (output) => resolve({ output }) })
      }),
    ...more,
  }
  return { handler, calls }
}
