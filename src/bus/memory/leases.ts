/** Leases in memory. They run out by the clock, seen when somebody looks: no timer waits for it. */
import type { Clock } from '../../time/clock.ts'
import { LeaseLostError } from '../errors.ts'
import type { Lease, Leases } from '../leases.ts'
import type { Link } from './link.ts'
import { isAtOrBelow } from './prefix.ts'

type Held = { readonly lease: Lease; readonly value: string; readonly untilMs: number }

export type LeasesOptions = { readonly clock: Clock; readonly leaseTtlMs: number }

export function memoryLeases({ clock, leaseTtlMs }: LeasesOptions): { on(link: Link): Leases } {
  const leases = new Map<string, Held>()
  let sequence = 0

  function holderOf(key: string): Held | undefined {
    const held = leases.get(key)
    return held && held.untilMs > clock.now() ? held : undefined
  }

  /** By epoch: a renewal that was not answered leaves its holder what it is. */
  const isCurrent = (lease: Lease) => holderOf(lease.key)?.lease.epoch === lease.epoch

  function write(lease: Lease, value: string): Lease {
    leases.set(lease.key, { lease, value, untilMs: clock.now() + leaseTtlMs })
    return lease
  }

  function acquire(key: string, value: string): Lease | undefined {
    if (holderOf(key)) return undefined
    const epoch = ++sequence
    return write({ key, epoch, revision: epoch }, value)
  }

  function renew(lease: Lease, value: string): Lease {
    if (!isCurrent(lease)) throw new LeaseLostError(lease.key)
    return write({ ...lease, revision: ++sequence }, value)
  }

  return {
    on: (link) => ({
      ttlMs: leaseTtlMs,
      acquire: (key, value) =>
        link.ask({ kind: 'write', name: 'leases.acquire', key }, () => acquire(key, value)),
      renew: (lease, value) =>
        link.ask({ kind: 'write', name: 'leases.renew', key: lease.key }, () => renew(lease, value)),
      release: (lease) =>
        link.ask({ kind: 'write', name: 'leases.release', key: lease.key }, () => {
          if (isCurrent(lease)) leases.delete(lease.key)
        }),
      list: (prefix) =>
        link.ask({ kind: 'read', name: 'leases.list', key: prefix }, () =>
          [...leases]
            .filter(([key]) => isAtOrBelow(prefix, key) && holderOf(key))
            .map(([key, { value }]) => ({ key, value })),
        ),
    }),
  }
}
