/**
 * Hosting peers in this process: a seat for each that was asked for, and whatever peers of the same roles have lost
 * their process. A role comes with its model and its tools; nothing here knows what it does.
 */
import type { PeerId, RoleName } from '../../protocols/ids.ts'
import type { Model } from '../model/model.ts'
import { RoleError } from '../role/check-machine.ts'
import type { Role } from '../role/define.ts'
import { adoptOrigins } from '../run/adopt-origins.ts'
import { followRuns, type RunStates } from '../run/run-states.ts'
import { untilAborted } from '../time/or-aborted.ts'
import { type Claims, createClaims } from '../topology/claims.ts'
import { createRouting, passesOn } from '../topology/routing.ts'
import { createView, type LeaseNote, type View } from '../topology/view.ts'
import { type Estate, type Owners, watchOwners } from '../turn/owners.ts'
import { persist } from '../turn/persist.ts'
import { createRelay } from '../turn/relay.ts'
import { createTrials, type Trials } from '../turn/trials.ts'
import { adoptOrphans, isHostable } from './adoption.ts'
import { createAuction } from './auction.ts'
import { observeRoles } from './gauges.ts'
import { type HostedPeer, hostPeer } from './hosted-peer.ts'
import { type HeldPeer, holdAnyPeer, holdPeer, type LeaseOptions, PeerTakenError } from './lease.ts'
import type { ProcessPorts } from './process.ts'
import { rescueMail } from './rescue.ts'

export type HostPeersOptions = ProcessPorts & {
  readonly roles: readonly Seating[]
  readonly modelFor: (role: Role) => Model
}

export type Seating = {
  readonly role: Role
  /** How many peers of it this process hosts; 1 unless given. */
  readonly count?: number
  /** A name to take instead of the first free one. */
  readonly peer?: PeerId
}

export interface HostedPeers {
  /** Those that are hosted here now. A peer that was lost comes back under another name; adopted ones come and go. */
  readonly peers: readonly { readonly peer: PeerId; readonly role: string }[]
  /** How many conversations these peers own, and how many effects are in flight. */
  load(): { readonly conversations: number; readonly busy: number }
  /** Says in presence that these peers are about to leave, or that they stay after all. */
  retire(leaving: boolean): void
  /** Finishes the turns in hand, gives the leases back, says goodbye. Idempotent. */
  drain(): Promise<void>
}

/** @throws UnavailableError where the bus cannot be reached; PeerTakenError, RoleError for a name that was asked for */
export async function hostPeers(options: HostPeersOptions): Promise<HostedPeers> {
  if (options.roles.length === 0) return nobody
  const { bus, log, modelFor } = options
  const owners = watchOwners(bus.records, log)
  const runs = followRuns(bus.records, log)
  const view = createView(bus.leases, options.clock)
  const claims = createClaims({ ...bus, view, clock: options.clock, random: options.random })
  const around = { owners, runs, view, claims, trials: createTrials(bus.records) }
  const seats: Seat[] = []
  try {
    runs.follow(({ run, state }) => {
      if (state === 'over') owners.forget(run)
    })
    await runs.start()
    await owners.start()
    for (const seating of options.roles) {
      for (let index = 0; index < (seating.count ?? 1); index++) {
        seats.push(await takeSeat({ ...options, ...around }, seating))
      }
    }
  } catch (error) {
    await Promise.all(seats.map((seat) => seat.drain()))
    await owners.stop()
    runs.stop()
    await releaseTools(options.roles)
    throw error
  }
  const relayFor = (peer: PeerId, role: RoleName) => {
    const auction = createAuction({ ...options, signals: bus.signals })
    const routing = createRouting({ ...around, auction, peer, role })
    return createRelay({ ...options, ...around, mailboxes: bus.mailboxes, routing, peer, role })
  }
  const adoption = adoptOrphans({
    ...options,
    lease: (role) => leaseOptions(options, { role, adopted: true }),
    owners,
    roles: options.roles.map(({ role }) => role),
    rescue: (gone) => rescueMail(gone, { ...bus, log, relayFor }),
    passesOn: () => runs.underWay().some(({ topology }) => passesOn(topology)),
    isSeated: (peer) => seats.some((seat) => seat.current()?.peer === peer),
    host: (role, held) =>
      hostPeer(held, { ...options, ...around, role, model: modelFor(role), adopted: true }),
  })
  const origins = adoptOrigins({
    ...options,
    ...around,
    known: options.roles.flatMap(({ role }) => [...role.accepts, ...role.sends]),
  })
  const all = () => [...seats.flatMap((seat) => seat.current() ?? []), ...adoption.adopted()]
  const stopGauges = observeRoles({
    meter: options.meter,
    mailboxes: bus.mailboxes,
    roles: options.roles.map(({ role }) => role.name),
    effects: (role) => all().reduce((sum, peer) => sum + (peer.role === role ? peer.view().effects : 0), 0),
  })
  let draining: Promise<void> | undefined
  return {
    get peers() {
      return all().map(({ peer, role }) => ({ peer, role }))
    },
    load() {
      const views = all().map(({ view }) => view())
      return {
        conversations: views.reduce((sum, view) => sum + view.conversations, 0),
        busy: views.reduce((sum, view) => sum + view.busy, 0),
      }
    },
    retire: (leaving) => {
      for (const peer of all()) peer.retire(leaving)
    },
    drain() {
      stopGauges()
      draining ??= Promise.all([adoption.stop(), origins.stop(), ...seats.map((seat) => seat.drain())])
        .then(() => {})
        .finally(() => {
          runs.stop()
          return owners.stop()
        })
        .finally(() => releaseTools(options.roles))
      return draining
    },
  }
}

/** What fails here is left to the end of the process. */
async function releaseTools(roles: readonly Seating[]): Promise<void> {
  const tools = roles.flatMap(({ role }) => [...role.tools, ...role.machineTools])
  await Promise.allSettled(tools.map((tool) => tool.release?.()))
}

const nobody: HostedPeers = {
  peers: [],
  load: () => ({ conversations: 0, busy: 0 }),
  retire: () => {},
  drain: async () => {},
}

/** A place in this process for one peer of a role, under whatever name it can have. */
type Seat = {
  /** Undefined while it has lost its name and has no other yet. */
  current(): HostedPeer | undefined
  drain(): Promise<void>
}

type Around = HostPeersOptions & {
  readonly owners: Owners
  readonly runs: RunStates
  readonly view: View
  readonly claims: Claims
  readonly trials: Trials
}

async function takeSeat(options: Around, seating: Seating): Promise<Seat> {
  const { clock, log } = options
  const { role } = seating
  const model = options.modelFor(role)
  const leaving = new AbortController()
  const left = untilAborted(leaving.signal)

  async function sit(held: HeldPeer): Promise<HostedPeer> {
    try {
      return await hostPeer(held, { ...options, role, model, adopted: false })
    } catch (error) {
      await held.release().catch(() => {}) // then it runs out
      throw error
    }
  }

  /** Names whose conversations are for processes of another version. */
  const leftToOthers = new Set<PeerId>()
  let current: HostedPeer | undefined = await sit(await hold(options, seating, leftToOthers))
  const keeping = keep()

  /** For as long as the process lives, whatever becomes of its names. */
  async function keep(): Promise<void> {
    for (;;) {
      const hosted = current!
      const why = await Promise.race([
        hosted.lost.then(() => LOST),
        hosted.misfit.then(() => MISFIT),
        left.then(() => undefined),
      ])
      if (why === undefined || leaving.signal.aborted) return
      current = undefined
      if (why === MISFIT) leftToOthers.add(hosted.peer)
      await persist(
        async () => {
          if (why === LOST) await hosted.abandon()
          else await hosted.drain()
          current = await sit(await hold(options, seating, leftToOthers, hosted.peer))
          log.error(`"${hosted.peer}" ${why}. Going on as "${current.peer}"`)
        },
        { clock, log, signal: leaving.signal, what: `finding a name in place of "${hosted.peer}"` },
      )
      if (current === undefined) return
    }
  }

  return {
    current: () => current,
    async drain() {
      leaving.abort()
      await keeping
      await current?.drain()
    },
  }
}

const leaseOptions = (
  { bus, clock, log, host, pid }: HostPeersOptions,
  about: Pick<LeaseNote, 'role' | 'adopted'>,
): LeaseOptions => ({
  leases: bus.leases,
  clock,
  log,
  value: JSON.stringify({ host, pid, ...about } satisfies LeaseNote),
})

const LOST = 'was lost to another process, or its lease ran out; nothing was published since'
const MISFIT = 'has conversations of another version, and is left to processes of that one'

/** The last name where it is free, as after a server that was away; else the first one that this process can host. */
async function hold(
  options: Around,
  { role, peer: wanted }: Seating,
  leftToOthers: ReadonlySet<PeerId>,
  last?: PeerId,
): Promise<HeldPeer> {
  const lease = leaseOptions(options, { role: role.name })
  if (wanted !== undefined) return holdWanted(role, wanted, lease)
  const isOthers = (peer: PeerId) => leftToOthers.has(peer) || !fits(role, options.owners.estates().get(peer))
  const same = last === undefined || isOthers(last) ? undefined : await holdPeer(last, lease)
  return same ?? holdAnyPeer(role.name, lease, isOthers)
}

const fits = (role: Role, estate: Estate | undefined): boolean =>
  estate === undefined || [...estate.conversations.values()].every((one) => isHostable(one, role))

async function holdWanted(role: Role, wanted: PeerId, lease: LeaseOptions): Promise<HeldPeer> {
  if (!wanted.startsWith(`${role.name}-`)) {
    throw new RoleError(
      'peer',
      `"${wanted}" cannot be a ${role.name}: call it "${role.name}-…", so that no other role takes its work over`,
    )
  }
  const held = await holdPeer(wanted, lease)
  if (held !== undefined) return held
  throw new PeerTakenError(wanted)
}
