/**
 * A network in memory, and buses that share it: the bus of unit tests, of the simulator, and of a run with no server.
 * Everything that happens in it follows from the calls, the clock and the chance it is given; it does no I/O.
 *
 * It misbehaves on demand: operation by operation as `faults` says, client by client with `crash`, `cut` and `heal`,
 * `pause` and `resume`.
 */
import { SkeinError } from '../../../protocols/errors.ts'
import type { Clock } from '../../time/clock.ts'
import type { Random } from '../../time/random.ts'
import type { Bus } from '../bus.ts'
import { memoryBlobs } from './blobs.ts'
import { type Faults, noFaults } from './faults.ts'
import { memoryLeases } from './leases.ts'
import { createLink, type LinkControl } from './link.ts'
import { memoryMailboxes } from './mailboxes.ts'
import { memoryRecords } from './records.ts'
import { memorySignals } from './signals.ts'

export type MemoryNetworkOptions = {
  readonly clock: Clock
  readonly random: Random
  readonly faults?: Faults | undefined
  /** Told when a fault has crashed a client, which is then as `crash` leaves it. */
  readonly onCrash?: ((client: string) => void) | undefined
  /** Time until an unacknowledged delivery is delivered again. Default 30,000, as JetStream's. */
  readonly ackWaitMs?: number | undefined
  /** How long a lease lives without a renewal. Default 10,000. */
  readonly leaseTtlMs?: number | undefined
  /** How long a put is remembered. Default 120,000, as JetStream's. */
  readonly dedupWindowMs?: number | undefined
  /** Messages that open something, in each mailbox. Default 10,000. */
  readonly mailboxCapacity?: number | undefined
  /** The largest frame or record. Default 8 MiB. */
  readonly maxPayloadBytes?: number | undefined
  /** When a client stops waiting for an answer. Default 5,000. */
  readonly requestTimeoutMs?: number | undefined
}

export interface MemoryNetwork {
  /** Another client. A name is free again when its client was closed or crashed. */
  connect(name: string): Bus
  /**
   * The client's process dies: none of its promises settles any more, what it asked for is still carried out. Its
   * deliveries come again after the ack wait, its leases run out. Does nothing if nobody of that name is connected.
   */
  crash(name: string): void
  /** From now on nothing goes to the client or comes from it. Signals are lost, requests are not answered. */
  cut(name: string): void
  /** Ends what `cut` began. Readers go on; watches get what they missed. */
  heal(name: string): void
  /**
   * The client's process sleeps: what it asked for is carried out, and what arrives for it is kept. Its clock is
   * somebody else's business.
   */
  pause(name: string): void
  /** Ends what `pause` began: all that has arrived is handed over, in order. */
  resume(name: string): void
}

/**
 * @example
 * const network = memoryNetwork({ clock: systemClock(), random: systemRandom() })
 * const planner = network.connect('planner')
 * const coder = network.connect('coder')
 */
export function memoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, random, faults = noFaults, onCrash = () => {}, requestTimeoutMs = 5_000 } = options
  const { ackWaitMs = 30_000, leaseTtlMs = 10_000, dedupWindowMs = 120_000 } = options
  const { mailboxCapacity = 10_000, maxPayloadBytes = 8 * 1024 * 1024 } = options

  const links = new Map<string, LinkControl>()
  const signals = memorySignals({ maxPayloadBytes })
  const mailboxes = memoryMailboxes({
    clock,
    random,
    ackWaitMs,
    dedupWindowMs,
    mailboxCapacity,
    maxPayloadBytes,
  })
  const records = memoryRecords({ clock, maxPayloadBytes })
  const leases = memoryLeases({ clock, leaseTtlMs })
  const blobs = memoryBlobs(clock)

  return {
    connect(name) {
      if (links.has(name)) {
        throw new SkeinError(
          'bus.name-taken',
          `"${name}" is connected already: give each client its own name`,
        )
      }
      const forget = () => {
        if (links.get(name) === link) links.delete(name)
      }
      const died = () => {
        forget()
        onCrash(name)
      }
      const link = createLink({ client: name, clock, faults, requestTimeoutMs, onCrash: died })
      links.set(name, link)
      return {
        signals: signals.on(link),
        mailboxes: mailboxes.on(link),
        records: records.on(link),
        leases: leases.on(link),
        blobs: blobs.on(link),
        close() {
          forget()
          return link.close()
        },
      }
    },
    crash(name) {
      links.get(name)?.crash()
      links.delete(name)
    },
    cut: (name) => links.get(name)?.cut(),
    heal: (name) => links.get(name)?.heal(),
    pause: (name) => links.get(name)?.pause(),
    resume: (name) => links.get(name)?.resume(),
  }
}
