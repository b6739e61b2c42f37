/**
 * The mail of one peer, in: its own mailbox always, its role's mailbox and its desk while it has room, so that tasks go
 * to whoever is free and answers never wait behind tasks. The three share one count of room. What becomes of a delivery
 * that was read is another matter (`deliveries.ts`).
 */
import type { RoleName } from '../../protocols/ids.ts'
import type { Mailbox, Reader } from '../bus/mailboxes.ts'
import { createDeliveries, type DeliveriesOptions, RETRY_MS } from './deliveries.ts'
import { persist } from './persist.ts'

export type IntakeOptions = Omit<DeliveriesOptions, 'signal' | 'hasRoom'> & {
  readonly role: RoleName
  /** Conversations that may have an effect in flight before the role's mailbox is left to others; 0: it always is. */
  readonly limit: number
  /** Somebody else's peer: what lies on its desk goes back to the role. */
  readonly adopted: boolean
  /** How many have one now. */
  readonly busy: () => number
}

export interface Intake {
  /** Begins to read. */
  start(): Promise<void>
  /** Reads the peer's desk as well, from now on: only some topologies put anything there. */
  openDesk(): void
  /** There may be room again. */
  wake(): void
  /** Asks for no more. */
  stop(): void
  /** Resolves when nobody waits for mail any more. */
  stopped(): Promise<void>
  /** Leaves the mailboxes: what was delivered and not acknowledged goes to somebody else. */
  close(): Promise<void>
}

/** Unacknowledged deliveries the peer's own mailbox may have under way here. */
const PEER_PREFETCH = 64

export function createIntake(options: IntakeOptions): Intake {
  const { mailboxes, clock, log, peer, role, limit } = options
  const own: Mailbox = { kind: 'peer', peer }
  const shared: Mailbox = { kind: 'role', role }
  const desk: Mailbox = { kind: 'desk', peer }
  const stopping = new AbortController()
  const readers: Reader[] = []
  const loops: Promise<void>[] = []
  /** Waits for work. Whoever takes the last room ends the others. */
  const waits = new Set<AbortController>()
  let isDeskOpen = false
  let taking = 0
  let wakers: (() => void)[] = []

  const hasRoom = () => taking + options.busy() < limit
  const deliveries = createDeliveries({ ...options, signal: stopping.signal, hasRoom })

  function wake(): void {
    const woken = wakers
    wakers = []
    for (const go of woken) go()
  }

  async function readPeerMailbox(reader: Reader): Promise<void> {
    for (;;) {
      const delivery = await reader.next(stopping.signal)
      if (delivery === undefined) return
      void deliveries.deal(delivery, { mailbox: own, ackWaitMs: reader.ackWaitMs })
    }
  }

  /** Work, one after another while there is room. */
  async function readWork(reader: Reader, mailbox: Mailbox): Promise<void> {
    while (!stopping.signal.aborted) {
      if (!hasRoom()) {
        await new Promise<void>((resolve) => wakers.push(resolve))
        continue
      }
      const wait = new AbortController()
      waits.add(wait)
      const delivery = await reader.next(wait.signal)
      waits.delete(wait)
      if (delivery === undefined) {
        if (wait.signal.aborted) continue
        return
      }
      // The other mailbox had something at the same moment, and it took the last room.
      if (wait.signal.aborted) {
        await delivery.retry(0).catch(() => {}) // then it comes again by itself
        continue
      }
      taking++
      if (!hasRoom()) for (const other of waits) other.abort()
      void deliveries.deal(delivery, { mailbox, ackWaitMs: reader.ackWaitMs }).finally(() => {
        taking--
        wake()
      })
    }
  }

  /** What was put on the desk of a peer that takes no new work is for anybody of the role. */
  async function clearDesk(reader: Reader): Promise<void> {
    for (;;) {
      const delivery = await reader.next(stopping.signal)
      if (delivery === undefined) return
      await options.relay.giveBack(delivery.frame).then(delivery.ack, () => delivery.retry(RETRY_MS.first))
    }
  }

  async function readDesk(): Promise<void> {
    const reader = await mailboxes.reader(desk, { prefetch: Math.max(1, Math.min(limit, PEER_PREFETCH)) })
    readers.push(reader)
    await (options.adopted ? clearDesk(reader) : readWork(reader, desk))
  }

  function openDesk(): void {
    if (isDeskOpen || stopping.signal.aborted || (limit === 0 && !options.adopted)) return
    isDeskOpen = true
    loops.push(
      persist(readDesk, { clock, log, signal: stopping.signal, what: `reading the desk of ${peer}` }),
    )
  }

  return {
    async start() {
      if (limit > 0) {
        const roleReader = await mailboxes.reader(shared, { prefetch: Math.min(limit, PEER_PREFETCH) })
        readers.push(roleReader)
        loops.push(readWork(roleReader, shared))
      }
      const peerReader = await mailboxes.reader(own, { prefetch: PEER_PREFETCH, ahead: true })
      readers.push(peerReader)
      loops.push(readPeerMailbox(peerReader))
      if (options.adopted) openDesk()
    },
    openDesk,
    wake,
    stop() {
      stopping.abort()
      for (const wait of waits) wait.abort()
      wake()
    },
    async stopped() {
      await Promise.all(loops)
    },
    async close() {
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}
