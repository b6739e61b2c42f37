/**
 * Peers whose process is gone: another process of their role hosts them until they have nothing left to do. Nobody
 * assigns this. Every process looks now and then, and at once when a peer says goodbye; who gets the lease has it.
 *
 * A1 An orphan is adopted within the life of a lease and half of it (`lookout`), where a process of its role lives.
 * A2 An adopted peer takes no new work: it owns its conversations and reads its mailbox, until both are empty.
 * A3 What this process cannot host, a record of another version, it leaves to those who can: it adopts for what it can
 *    host, and lets go when nothing of that is left.
 */
import type { PeerId, RoleName } from '../../protocols/ids.ts'
import type { Role } from '../role/define.ts'
import { roleInName } from '../topology/view.ts'
import type { Owners } from '../turn/owners.ts'
import type { HostedPeer } from './hosted-peer.ts'
import { type HeldPeer, holdPeer, type LeaseOptions, peerLeaseKey } from './lease.ts'
import { keepLookout } from './lookout.ts'
import type { ProcessPorts } from './process.ts'

export type AdoptionOptions = Pick<ProcessPorts, 'bus' | 'clock' | 'random' | 'log'> & {
  /** Of a peer of a role that is adopted. */
  readonly lease: (role: RoleName) => LeaseOptions
  readonly owners: Owners
  readonly roles: readonly Role[]
  /** Whether this process hosts the peer itself, as far as it knows: its seat sees to it. */
  readonly isSeated: (peer: PeerId) => boolean
  readonly host: (role: Role, held: HeldPeer) => Promise<HostedPeer>
  /** Whether a run under way has peers pass things on for others. */
  readonly passesOn: () => boolean
  /** Passes on what is stuck with peers of other roles. */
  readonly rescue: (gone: ReadonlySet<PeerId>) => Promise<void>
}

export interface Adoption {
  adopted(): readonly HostedPeer[]
  /** Adopts no more, and gives back what it has. */
  stop(): Promise<void>
}

export function adoptOrphans(options: AdoptionOptions): Adoption {
  const { bus, log, owners, roles, lease } = options
  const adopted = new Map<PeerId, HostedPeer>()
  /** Of whom something was left that only others can host. */
  const refusedBefore = new Set<PeerId>()

  async function look(signal: AbortSignal): Promise<void> {
    const mail = await mailOfPeers()
    for (const hosted of adopted.values()) if (await hasNothingLeft(hosted, mail)) await part(hosted)
    const orphans = [...estates(), ...strays(mail)]
    const others = options.passesOn() ? [...mail].filter((peer) => roleOf(peer) === undefined) : []
    if (orphans.length === 0 && others.length === 0) return
    const held = new Set((await bus.leases.list('peer')).map(({ key }) => key))
    const gone = others.filter((peer) => !held.has(peerLeaseKey(peer)))
    if (gone.length > 0) await options.rescue(new Set(gone))
    for (const { peer, role } of orphans) {
      if (held.has(peerLeaseKey(peer)) || options.isSeated(peer) || signal.aborted) continue
      if (mail.has(peer) || (await owners.confirm(peer))) await adopt(peer, role)
    }
  }

  /** What the journal says counts: a host that was just adopted has not taken everything over yet. */
  async function hasNothingLeft({ peer, view }: HostedPeer, mail: ReadonlySet<PeerId>): Promise<boolean> {
    const { conversations, refused } = view()
    if (conversations > 0) return false
    return refused > 0 || !(mail.has(peer) || (await owners.confirm(peer)))
  }

  /** Peers of our roles that own something which this process can host (A3). */
  function estates(): Orphan[] {
    return [...owners.estates()].flatMap(([peer, estate]) => {
      const role = roles.find(({ name }) => name === estate.role)
      if (role === undefined || refusedBefore.has(peer)) return []
      const fits = [...estate.conversations.values()].some((one) => isHostable(one, role))
      return fits ? [{ peer, role }] : []
    })
  }

  const roleOf = (peer: PeerId) => roles.find(({ name }) => roleInName(peer) === name)

  /** Peers of our roles, by their names, that have mail and may own nothing. */
  const strays = (mail: ReadonlySet<PeerId>): Orphan[] =>
    [...mail].flatMap((peer) => {
      const role = roleOf(peer)
      return role === undefined || owners.estates().has(peer) ? [] : [{ peer, role }]
    })

  async function mailOfPeers(): Promise<ReadonlySet<PeerId>> {
    const waiting = await bus.mailboxes.waiting()
    return new Set(waiting.flatMap(({ mailbox }) => (mailbox.kind === 'role' ? [] : [mailbox.peer])))
  }

  async function adopt(peer: PeerId, role: Role): Promise<void> {
    const held = await holdPeer(peer, lease(role.name))
    if (held === undefined) return
    try {
      const hosted = await options.host(role, held)
      adopted.set(peer, hosted)
      void hosted.lost.then(() => lose(hosted))
    } catch (error) {
      await held.release().catch(() => {}) // then it runs out
      throw error
    }
  }

  /** It came back to life elsewhere. */
  async function lose(hosted: HostedPeer): Promise<void> {
    if (!adopted.delete(hosted.peer)) return
    log.warn('an adopted peer is hosted by another process now', { peer: hosted.peer })
    await hosted.abandon().catch(() => {}) // the lease is not ours, and the rest has stopped
  }

  async function part(hosted: HostedPeer): Promise<void> {
    adopted.delete(hosted.peer)
    if (hosted.view().refused > 0) refusedBefore.add(hosted.peer)
    await hosted.drain()
    log.info('an adopted peer has nothing left to do', { peer: hosted.peer })
  }

  const lookout = keepLookout({ ...options, look, what: 'peers without a process' })
  return {
    adopted: () => [...adopted.values()],
    async stop() {
      await lookout.stop()
      await Promise.all([...adopted.values()].map(part))
    },
  }
}

/** Whether a process with this role can go on with what a version of its machine wrote. */
export const isHostable = ({ version }: { readonly version: number }, role: Role): boolean =>
  version === role.version || (version < role.version && role.migrate !== undefined)

type Orphan = { readonly peer: PeerId; readonly role: Role }
