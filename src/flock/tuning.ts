/** What an installation is made with, by whoever comes first; it keeps it then. */
import type { NatsOptions } from '../bus/nats/bus.ts'
import type { Env } from '../embedded/command.ts'
import { FlockError } from './errors.ts'

/** Milliseconds until a peer whose process is gone has another one, where a process of its role lives. */
const ADOPTION_MS = 10_000
/** Below it a busy machine would lose its leases. */
const SHORTEST_ADOPTION_MS = 500
/** The part of that time that a lease lives; the rest is for somebody to look (`src/peer/adoption.ts`, A1). */
const LEASE_PART = 2 / 3

/**
 * `SKEIN_ADOPTION`, like `10s`, is the bound for adoption, and after it mail that nobody acknowledged comes again.
 * `SKEIN_NATS_REPLICAS`, 1 to 5, says how many servers of a cluster keep everything.
 * @throws FlockError `flock.adoption`, `flock.replicas`
 */
export function tuningOf(env: Env): Required<Pick<NatsOptions, 'leaseTtlMs' | 'ackWaitMs' | 'replicas'>> {
  const adoptionMs = adoptionOf(env.SKEIN_ADOPTION)
  return {
    leaseTtlMs: Math.floor(adoptionMs * LEASE_PART),
    ackWaitMs: adoptionMs,
    replicas: replicasOf(env.SKEIN_NATS_REPLICAS),
  }
}

function adoptionOf(text: string | undefined): number {
  if (!text) return ADOPTION_MS
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
  const ms = Math.round(Number(number) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'])
  if (ms >= SHORTEST_ADOPTION_MS) return ms
  throw new FlockError('adoption', `SKEIN_ADOPTION is "${text}": write a time of 500ms or more, like 10s`)
}

function replicasOf(text: string | undefined): number {
  if (!text) return 1
  if (/^[1-5]$/.test(text)) return Number(text)
  throw new FlockError('replicas', `SKEIN_NATS_REPLICAS is "${text}": write 1 to 5, and have as many servers`)
}
