/** Which runs are live: those whose origin holds its lease. A run that was killed is one until its lease runs out. */
import { peerId, type RunId, runId } from '../../protocols/ids.ts'
import type { Leases } from '../bus/leases.ts'
import { peerLeaseKey } from '../peer/lease.ts'
import { ORIGIN_ROLE } from '../run/origin.ts'

const PREFIX = peerLeaseKey(peerId(`${ORIGIN_ROLE}-`))

export const isOriginLease = (key: string): boolean => key.startsWith(PREFIX)

export async function liveRuns(leases: Leases): Promise<RunId[]> {
  const held = await leases.list('peer')
  return held.filter(({ key }) => isOriginLease(key)).map(({ key }) => runId(key.slice(PREFIX.length)))
}
