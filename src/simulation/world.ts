/**
 * A whole system in one process: real hosts on the memory bus, in virtual time, from one seed. Peers crash and come
 * back, and the network does what the faults say; the same seed gives the same run, to the byte.
 *
 * A crashed incarnation never goes on: its bus answers no more, and its clock stands still.
 */
import { createHash } from 'node:crypto'
import type { MessageDefinition } from '../../protocols/define.ts'
import { conversationId, messageId, type PeerId, peerId, type RunId, runId } from '../../protocols/ids.ts'
import type { Registry } from '../../protocols/registry.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import { spanIdOf, traceIdOf, traceparent } from '../../traces/propagation.ts'
import type { Faults } from '../bus/memory/faults.ts'
import { memoryNetwork } from '../bus/memory/network.ts'
import { createCodec } from '../codec/codec.ts'
import { silentLog } from '../log.ts'
import {
  ORIGIN_CONVERSATION,
  ORIGIN_ROLE,
  type OriginOutput,
  originBehaviour,
  originPeer,
} from '../run/origin.ts'
import { formatStake, WHOLE_STAKE } from '../run/stake.ts'
import type { Clock } from '../time/clock.ts'
import { drainMicrotasks } from '../time/microtasks.ts'
import { mortalClock } from '../time/mortal-clock.ts'
import { seededRandom } from '../time/random.ts'
import { virtualClock } from '../time/virtual-clock.ts'
import type { Behaviour } from '../turn/behaviour.ts'
import type { EffectHandlers } from '../turn/effects.ts'
import { createHost } from '../turn/host.ts'
import { type ConversationRecord, decodeRecord, runPrefix } from '../turn/record.ts'
import { checkWorld, type Observed, observe } from './invariants.ts'

export type SimulatedPeer = {
  readonly behaviour: Behaviour
  /** Made anew for each incarnation, with its clock: what happens in an effect stops with the process. */
  readonly handlers: (
    clock: Clock,
    started: (record: ConversationRecord, effect: string) => void,
  ) => EffectHandlers
  readonly limit?: number
}

export type SimulationOptions = {
  readonly seed: number
  readonly registry: Registry
  readonly peers: Readonly<Record<string, SimulatedPeer>>
  /** The message the run begins with, to a role, and what may answer it. */
  readonly start: {
    readonly role: string
    readonly message: MessageDefinition
    readonly body: unknown
    readonly answers: readonly MessageDefinition[]
  }
  /** How the network misbehaves, from the seed; nothing does after `calmAfterMs`. */
  readonly faults?: (draw: () => number, now: () => number) => Faults
  /** Likelihood that some peer crashes, at each step. */
  readonly crashes?: number
  /** When faults and crashes stop, in virtual milliseconds. */
  readonly calmAfterMs?: number
}

export type SimulationResult = {
  readonly output: OriginOutput | undefined
  /** Of everything that was committed, in order: the same for the same seed. */
  readonly hash: string
  readonly steps: number
  readonly crashes: number
  readonly virtualMs: number
  readonly records: readonly ConversationRecord[]
}

/** Virtual time after the calm by which the run must be over, in milliseconds: liveness. */
const PATIENCE_MS = 3_600_000
/** Virtual time a crashed peer stays away, at most. */
const AWAY_MS = 5_000

/** The client through which the world itself looks: no fault meets it. */
const ORACLE = 'oracle'

/** @throws SimulationError with the invariant that broke */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, registry, start, crashes: crashRate = 0, calmAfterMs = 60_000 } = options
  const clock = virtualClock(1_700_000_000_000)
  const begun = clock.now()
  const random = seededRandom(seed)
  const calm = () => clock.now() - begun > calmAfterMs
  const draw = random.fork('faults')
  const decide = options.faults?.(() => draw.next(), clock.now)
  const network = memoryNetwork({
    clock,
    random: random.fork('network'),
    faults: (operation) =>
      decide === undefined || calm() || operation.client === ORACLE ? {} : decide(operation),
  })
  const codec = createCodec(registry)
  const run: RunId = runId('sim')
  const origin: [PeerId, SimulatedPeer] = [
    originPeer(run),
    { behaviour: originBehaviour(start.message, start.answers), handlers: () => ({}), limit: 1 },
  ]
  const peers = new Map<PeerId, SimulatedPeer>([
    ...Object.entries(options.peers).map(([name, peer]): [PeerId, SimulatedPeer] => [peerId(name), peer]),
    origin,
  ])
  const observed: Observed = { outcomes: new Set(), bought: [] }
  const alive = new Map<PeerId, { readonly bus: string; readonly stop: () => void }>()
  let incarnation = 0

  function live(peer: PeerId): void {
    const { behaviour, handlers, limit = 1 } = peers.get(peer)!
    const epoch = ++incarnation
    const own = mortalClock(clock)
    const name = `${peer}-${epoch}`
    const bus = network.connect(name)
    const host = createHost({
      bus,
      codec,
      clock: own,
      random: random.fork(name),
      behaviour,
      handlers: handlers(own, (record, effect) => observe(observed, record, effect)),
      peer,
      epoch,
      limit,
      host: 'simulation',
      pid: epoch,
      resource: {},
      spans: { emit: () => {}, close: async () => {} },
      log: silentLog,
    })
    alive.set(peer, { bus: name, stop: own.stop })
    void insist(own, () => host.start())
  }

  /** A peer whose start meets a fault tries again, as its process would. */
  async function insist(own: Clock, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch {
      own.setTimer(100, () => void insist(own, work))
    }
  }

  function crash(peer: PeerId): void {
    const { bus, stop } = alive.get(peer)!
    alive.delete(peer)
    stop()
    network.crash(bus)
    clock.setTimer(Math.floor(chance.next() * AWAY_MS), () => live(peer))
  }

  const chance = random.fork('crashes')
  const oracle = network.connect(ORACLE)
  for (const peer of peers.keys()) live(peer)
  await submit()

  async function submit(): Promise<void> {
    const [from, to] = [conversationId(run, 'submit'), conversationId(run, ORIGIN_CONVERSATION)]
    const id = messageId(from, to, 1)
    const putting = oracle.mailboxes.put(
      { kind: 'peer', peer: origin[0] },
      codec.encode({
        id,
        type: runProtocol.messages.start.type,
        version: runProtocol.version,
        from: { role: ORIGIN_ROLE, peer: origin[0], conversation: from },
        to: { role: ORIGIN_ROLE, conversation: to },
        run,
        slip: [],
        deadline: begun + calmAfterMs + PATIENCE_MS,
        hops: 64,
        stake: formatStake(WHOLE_STAKE),
        sentAt: begun,
        traceparent: traceparent({ traceId: traceIdOf(run), spanId: spanIdOf(run) }, true),
        body: { role: start.role, type: start.message.type, body: start.body },
      }),
      { dedup: id },
    )
    await settle(putting)
  }

  /** Moves virtual time until something of the world's own has settled. */
  async function settle<Result>(promise: Promise<Result>): Promise<Result> {
    let done = false
    const watched = promise.finally(() => {
      done = true
    })
    for (;;) {
      await drainMicrotasks()
      if (done) return watched
      if (!clock.step()) await drainMicrotasks()
    }
  }

  let steps = 0
  let crashes = 0
  let seen = 0
  let output: OriginOutput | undefined
  const hash = createHash('sha256')
  const journal: ConversationRecord[] = []
  for (;;) {
    await drainMicrotasks()
    const entries = await settle(oracle.records.history(runPrefix(run)))
    for (const entry of entries.slice(seen)) {
      const record = decodeRecord(entry.value)
      journal.push(record)
      hash.update(entry.value)
      if (record.conversation === conversationId(run, ORIGIN_CONVERSATION) && record.phase === 'closed') {
        output = record.output as OriginOutput
      }
    }
    if (entries.length > seen) checkWorld(journal, observed)
    seen = entries.length
    const open = new Map(journal.map((record) => [record.conversation, record.outbox.length]))
    if (output !== undefined && [...open.values()].every((left) => left === 0) && calm()) break
    if (clock.now() - begun > calmAfterMs + PATIENCE_MS) break
    if (!calm() && chance.next() < crashRate && alive.size > 0) {
      crashes++
      crash([...alive.keys()][Math.floor(chance.next() * alive.size)]!)
    }
    if (!clock.step()) break
    steps++
  }
  for (const { stop } of alive.values()) stop()
  return {
    output,
    hash: hash.digest('hex'),
    steps,
    crashes,
    virtualMs: clock.now() - begun,
    records: journal,
  }
}
