/**
 * A lean world: the real host, roles and protocols on the memory bus in virtual time, as in the simulator, but with
 * many peers to a process and without its checks, which cost more than the runs. What happens is told as it is
 * committed and put.
 *
 * The same options give the same run: nothing here draws but from the seed, and one timer fires at a time.
 */

import { HEADER } from '../protocols/envelope.ts'
import { type RunId, runId } from '../protocols/ids.ts'
import { ConflictError } from '../src/bus/errors.ts'
import { type Mailbox, mailboxSubject } from '../src/bus/mailboxes.ts'
import { memoryNetwork } from '../src/bus/memory/network.ts'
import { type EntryOf, type Posted, readBoard } from '../src/coordination/blackboard.ts'
import { silentLog } from '../src/log.ts'
import type { Model } from '../src/model/model.ts'
import { hostPeers, type Seating } from '../src/peer/host-peers.ts'
import { holdPeer } from '../src/peer/lease.ts'
import type { ProcessPorts } from '../src/peer/process.ts'
import { hostOrigin, longestEndMs } from '../src/run/host-origin.ts'
import { originPeer } from '../src/run/origin-address.ts'
import { decodeRun, type RunRecord, runKey } from '../src/run/run-record.ts'
import { type Start, submitRun } from '../src/run/submit-run.ts'
import { timelessBlobs } from '../src/simulation/timeless-blobs.ts'
import { drainMicrotasks } from '../src/time/microtasks.ts'
import { mortalClock } from '../src/time/mortal-clock.ts'
import { seededRandom } from '../src/time/random.ts'
import { type VirtualClock, virtualClock } from '../src/time/virtual-clock.ts'
import { CLAIM } from '../src/topology/claims.ts'
import type { Topology } from '../src/topology/topology.ts'
import type { ConversationRecord } from '../src/turn/record.ts'
import { sharedBoard } from './agents/shared-entry.ts'

/** A process that hosts peers. */
export type Post = { readonly name: string; readonly peers: readonly Seating[]; readonly isDoomed?: boolean }

export type WorldOptions = {
  readonly seed: number
  readonly posts: readonly Post[]
  readonly start: Start
  readonly topology: Topology
  readonly model: (clock: VirtualClock) => Model
  /** Milliseconds that a message is on its way. */
  readonly latencyMs: number
  readonly leaseTtlMs: number
  /** Milliseconds after which the run is stopped. */
  readonly deadlineMs: number
  /** When the process of the doomed post dies, and how long after that another one begins in its place. */
  readonly crash?: { readonly atMs: number; readonly restartMs: number } | undefined
  /** A commit, in milliseconds after the run began. */
  readonly onCommit: (record: ConversationRecord, atMs: number) => void
  /** A message was put into a mailbox. */
  readonly onPut: (message: string, mailbox: string) => void
  /** Somebody wrote to the claim of a conversation, or came second to it. */
  readonly onClaim: (what: 'written' | 'refused') => void
  /** The doomed process died. */
  readonly onCrash: (atMs: number) => void
}

export type Course = {
  /** The record of the run, as it was in the end. */
  readonly record: RunRecord
  readonly virtualMs: number
  /** The shared entries, as they were in the end. */
  readonly entries: readonly Posted<EntryOf<typeof sharedBoard>>[]
}

/** Nothing is refused for want of room: how long queues get is what is measured. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER
const START_MS = 1_700_000_000_000

/** @throws the reason of an aborted signal */
export async function runWorld(options: WorldOptions, signal?: AbortSignal): Promise<Course> {
  // Its conversations, and whom a hash of them picks, are others for every seed.
  const run = runId(`lab-${options.seed}`)
  const clock = virtualClock(START_MS)
  const random = seededRandom(options.seed)
  const { latencyMs, leaseTtlMs, start } = options
  const network = memoryNetwork({
    ...{ clock, leaseTtlMs, random: random.fork('network') },
    ...{ mailboxCapacity: UNBOUNDED, maxPayloadBytes: UNBOUNDED },
    faults: ({ kind }) => (kind === 'delivery' ? { delayMs: latencyMs } : {}),
  })
  const blobs = timelessBlobs()
  let begunMs = START_MS
  const elapsed = () => clock.now() - begunMs
  let processes = 0

  /** A process, and how it dies. */
  function process(name: string): { readonly ports: ProcessPorts; readonly kill: () => void } {
    const pid = ++processes
    const client = `${name}.${pid}`
    const own = mortalClock(clock)
    const { records, mailboxes, ...bus } = network.connect(client)
    const ports: ProcessPorts = {
      bus: {
        ...bus,
        blobs: { ...bus.blobs, put: blobs.put, get: blobs.get },
        records: {
          ...records,
          async append(key, value, expected) {
            if (!key.startsWith(`${CLAIM}.`)) return records.append(key, value, expected)
            try {
              const revision = await records.append(key, value, expected)
              options.onClaim('written')
              return revision
            } catch (error) {
              if (error instanceof ConflictError) options.onClaim('refused')
              throw error
            }
          },
        },
        mailboxes: {
          ...mailboxes,
          put(mailbox: Mailbox, frame, how) {
            options.onPut(frame.headers[HEADER.id]!, mailboxSubject(mailbox))
            return mailboxes.put(mailbox, frame, how)
          },
        },
      },
      onOwnCommit: ({ record }) => options.onCommit(record, elapsed()),
      clock: own,
      random: random.fork(client),
      spans: { emit: () => {}, close: async () => {} },
      log: silentLog,
      ...{ host: 'lab', pid, scratch: '' },
    }
    return {
      ports,
      kill() {
        own.stop()
        network.crash(client)
      },
    }
  }

  const model = options.model(clock)
  const living = new Map<string, () => void>()
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
  }

  async function host({ name, peers }: Post): Promise<void> {
    const { ports, kill } = process(name)
    living.set(name, kill)
    await hostPeers({ ...ports, roles: peers, modelFor: () => model }).catch(fail)
  }

  // Everybody is there before the job: whom work goes to depends on who is.
  await untilDone(clock, Promise.all(options.posts.map(host)))
  begunMs = clock.now()
  const oracle = network.connect('oracle')
  let record = await submitRun({
    ...{
      bus: oracle,
      run,
      goal: 'an experiment',
      start,
      topology: options.topology,
      resource: {},
      sampled: false,
    },
    ...{ now: clock.now(), deadline: clock.now() + options.deadlineMs, hops: UNBOUNDED },
  })
  const watch = await oracle.records.watch(runKey(run))
  const watching = (async () => {
    for await (const { value } of watch) record = decodeRun(value)
  })()
  const origin = process('origin')
  living.set('origin', origin.kill)
  hostTheOrigin(origin.ports, run, start).catch(fail)
  const doomed = options.posts.find(({ isDoomed }) => isDoomed)
  if (options.crash !== undefined && doomed !== undefined) {
    const { atMs, restartMs } = options.crash
    clock.setTimer(atMs, () => {
      living.get(doomed.name)?.()
      options.onCrash(elapsed())
      // Whoever comes in its place takes a name that is free; the old one is not until its lease has run out.
      const peers = doomed.peers.map(({ role }) => ({ role }))
      clock.setTimer(restartMs, () => void host({ ...doomed, peers }))
    })
  }

  const lastMs = options.deadlineMs + longestEndMs(leaseTtlMs)
  while (record.state !== 'over' && failure === undefined && elapsed() <= lastMs) {
    await drainMicrotasks()
    if (signal?.aborted || !clock.step()) break
  }
  for (const kill of living.values()) kill()
  watch.close()
  await watching
  signal?.throwIfAborted()
  if (failure !== undefined) throw failure
  return { record, virtualMs: elapsed(), entries: await readBoard(oracle.records, sharedBoard, run) }
}

/** Moves virtual time until something has settled that needs nobody else. */
async function untilDone(clock: VirtualClock, promise: Promise<unknown>): Promise<void> {
  let isDone = false
  const watched = promise.finally(() => {
    isDone = true
  })
  for (;;) {
    await drainMicrotasks()
    if (isDone) break
    clock.step()
  }
  await watched
}

async function hostTheOrigin(ports: ProcessPorts, run: RunId, { message, answers }: Start): Promise<void> {
  const { bus, clock, log } = ports
  const held = await holdPeer(originPeer(run), { leases: bus.leases, clock, log, value: '' })
  if (held !== undefined) await hostOrigin({ ...ports, run, held, known: [message, ...answers] })
}
