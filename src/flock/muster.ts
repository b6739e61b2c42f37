/**
 * Who of a flock is there already, and who is missing.
 *
 * M1 A run announces itself before it counts, and a peer that wants to leave says so before it looks for runs
 * (`with-runs`): so a peer that was counted stays.
 * M2 Work goes to any peer of its role, so all that stay have the run's model, or there is no run.
 */
import type { RoleName } from '../../protocols/ids.ts'
import type { Beat } from '../../protocols/presence.ts'
import type { Bus } from '../bus/bus.ts'
import { peerLeaseKey } from '../peer/lease.ts'
import { rollCall } from '../peer/presence.ts'
import type { Role } from '../role/define.ts'
import type { Clock } from '../time/clock.ts'
import { FlockError } from './errors.ts'
import { isOriginLease } from './live-runs.ts'

/** A peer of a run's flock. */
export type Member = Pick<Beat, 'peer' | 'role' | 'pid' | 'model' | 'sandbox'>

export type Wanted = readonly { readonly role: Role; readonly count: number }[]

export type Mustered = { readonly present: readonly Member[]; readonly missing: Wanted }

/**
 * @param model the name of the run's model, as beats have it
 * @throws FlockError `flock.other-model`; UnavailableError
 */
export async function muster(
  { leases, signals }: Bus,
  clock: Clock,
  wanted: Wanted,
  model: string,
): Promise<Mustered> {
  const held = (await leases.list('peer')).map(({ key }) => key).filter((key) => !isOriginLease(key))
  // Nobody to wait for where nobody holds a lease; else until all who do have answered.
  const everybody = (beats: readonly Beat[]) =>
    held.every((key) => beats.some(({ peer }) => peerLeaseKey(peer) === key))
  const beats = held.length === 0 ? [] : await rollCall(signals, clock, everybody)
  const staying = beats.filter(({ draining, adopted }) => !draining && !adopted)
  const present = (name: RoleName) => staying.filter(({ role }) => role === name)
  const other = wanted.flatMap(({ role }) => present(role.name)).find((beat) => beat.model !== model)
  if (other !== undefined) throw otherModel(other, model) // M2
  return {
    present: wanted.flatMap(({ role }) =>
      present(role.name).map(({ peer, role, pid, model, sandbox }) => ({
        ...{ peer, role, pid, model },
        ...(sandbox !== undefined && { sandbox }),
      })),
    ),
    missing: wanted
      .map(({ role, count }) => ({ role, count: count - present(role.name).length }))
      .filter(({ count }) => count > 0),
  }
}

const otherModel = (beat: Beat, model: string): FlockError =>
  new FlockError(
    'other-model',
    `"${beat.peer}" is there with model "${beat.model}", this run has "${model}", and runs share their peers: ` +
      `take --model ${beat.model}, or another --state-dir or --nats server for this run`,
  )
