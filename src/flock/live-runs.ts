/**
 * Which runs are live: announced, since somebody holds their origin, or under way, as their records say, whoever
 * hosts them now. A run that nobody hosts is one until it is over: somebody adopts its origin, or closes it.
 */
import { peerId, type RunId, runId } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { Leases } from '../bus/leases.ts'
import { peerLeaseKey } from '../peer/lease.ts'
import { ORIGIN_ROLE } from '../run/origin-address.ts'
import { decodeRun } from '../run/run-record.ts'
import { readable } from './readable.ts'

const PREFIX = peerLeaseKey(peerId(`${ORIGIN_ROLE}-`))

export const isOriginLease = (key: string): boolean => key.startsWith(PREFIX)

/** Runs whose origin somebody hosts. A run whose host was killed is one until the lease runs out. */
export async function hostedRuns(leases: Leases): Promise<RunId[]> {
  const held = await leases.list('peer')
  return held.filter(({ key }) => isOriginLease(key)).map(({ key }) => runId(key.slice(PREFIX.length)))
}

/** @throws UnavailableError, AmbiguousError */
export async function liveRuns({ leases, records }: Pick<Bus, 'leases' | 'records'>): Promise<RunId[]> {
  // The records last: a run that is announced now may be written meanwhile.
  const hosted = await hostedRuns(leases)
  const known = (await records.latest('run')).flatMap(({ value }) => readable(() => decodeRun(value)))
  const over = new Set(known.filter(({ state }) => state === 'over').map(({ run }) => run))
  const underWay = known.filter(({ state }) => state !== 'over').map(({ run }) => run)
  return [...new Set([...hosted.filter((run) => !over.has(run)), ...underWay])].sort()
}
