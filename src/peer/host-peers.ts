/**
 * Hosting peers in this process: a lease, a host of turns and presence for each, around the process's ports. A role
 * comes with its model and its tools; nothing here knows what it does.
 */
import { failure } from '../../protocols/failure.ts'
import { type PeerId, roleName } from '../../protocols/ids.ts'
import type { Beat } from '../../protocols/presence.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run } from '../../protocols/run.ts'
import { RESOURCE } from '../../traces/names.ts'
import { createCodec } from '../codec/codec.ts'
import type { Model } from '../model/model.ts'
import { behaviourOf } from '../role/behaviour.ts'
import { chatHandler } from '../role/chat.ts'
import { RoleError } from '../role/check-machine.ts'
import type { Role } from '../role/define.ts'
import { toolHandler } from '../role/use-tool.ts'
import { createBench } from '../run/bench.ts'
import { createHost } from '../turn/host.ts'
import { type HeldPeer, holdAnyPeer, holdPeer, type LeaseOptions, PeerTakenError } from './lease.ts'
import { announce } from './presence.ts'
import type { ProcessPorts } from './process.ts'

export type HostPeersOptions = ProcessPorts & {
  readonly roles: readonly {
    readonly role: Role
    /** How many peers of it this process hosts; 1 unless given. */
    readonly count?: number
    /** A name to take instead of the first free one. */
    readonly peer?: PeerId
  }[]
  readonly modelFor: (role: Role) => Model
}

export interface HostedPeers {
  readonly peers: readonly { readonly peer: PeerId; readonly role: string }[]
  /** How many conversations these peers own, and how many effects are in flight. */
  load(): { readonly conversations: number; readonly busy: number }
  /** Says in presence that these peers are about to leave, or that they stay after all. */
  retire(leaving: boolean): void
  /** Resolves when a peer of this process was lost to another one: the process should leave. */
  readonly lost: Promise<PeerId>
  /** Finishes the turns in hand, gives the leases back, says goodbye. Idempotent. */
  drain(): Promise<void>
}

/** @throws UnavailableError where the bus cannot be reached */
export async function hostPeers(options: HostPeersOptions): Promise<HostedPeers> {
  const hosted: Awaited<ReturnType<typeof hostPeer>>[] = []
  try {
    for (const { role, count = 1, peer } of options.roles) {
      for (let index = 0; index < count; index++) hosted.push(await hostPeer(options, role, peer))
    }
  } catch (error) {
    await Promise.all(hosted.map((peer) => peer.drain()))
    throw error
  }
  let draining: Promise<void> | undefined
  return {
    peers: hosted.map(({ peer, role }) => ({ peer, role })),
    load() {
      const views = hosted.map(({ view }) => view())
      return {
        conversations: views.reduce((sum, view) => sum + view.conversations, 0),
        busy: views.reduce((sum, view) => sum + view.busy, 0),
      }
    },
    retire: (leaving) => {
      for (const peer of hosted) peer.retire(leaving)
    },
    lost: Promise.race(hosted.map(({ lost }) => lost)),
    drain() {
      draining ??= Promise.all(hosted.map((peer) => peer.drain())).then(() => {})
      return draining
    },
  }
}

async function hostPeer(options: HostPeersOptions, role: Role, wanted: PeerId | undefined) {
  const held = await hold(options, role, wanted)
  try {
    return await begin(options, role, held)
  } catch (error) {
    await held.release().catch(() => {}) // then it runs out
    throw error
  }
}

async function begin(options: HostPeersOptions, role: Role, held: HeldPeer) {
  const { bus, clock, log, host, pid } = options
  const { peer } = held
  const model = options.modelFor(role)
  let leaving = false
  const turns = createHost({
    ...options,
    codec: createCodec(createRegistry([run, failure], [...role.accepts, ...role.sends])),
    behaviour: behaviourOf(role),
    handlers: { chat: chatHandler(role, model, bus.blobs), tool: toolHandler(role, createBench(options)) },
    peer,
    epoch: held.epoch,
    limit: role.concurrency,
    resource: resourceOf(options, peer),
  })
  function beat(): Beat {
    const { conversations, busy, doing, runs } = turns.view()
    return {
      peer,
      role: roleName(role.name),
      description: role.description,
      host,
      pid,
      model: model.name,
      conversations,
      busy,
      limit: role.concurrency,
      doing: [...doing],
      runs: [...runs],
      draining: leaving,
    }
  }
  const presence = await turns
    .start()
    .then(() => announce({ signals: bus.signals, clock, beat }))
    .catch(async (error) => {
      await turns.drain().catch(() => {})
      throw error
    })
  log.info('hosting a peer', { peer, role: role.name, epoch: held.epoch, model: model.name })
  return {
    peer,
    role: role.name as string,
    view: turns.view,
    retire(on: boolean) {
      leaving = on
    },
    lost: new Promise<PeerId>((resolve) =>
      held.lost.addEventListener('abort', () => resolve(peer), { once: true }),
    ),
    async drain() {
      leaving = true
      try {
        await turns.drain()
        await presence.stop()
      } finally {
        await held.release()
      }
    },
  }
}

async function hold(options: HostPeersOptions, role: Role, wanted: PeerId | undefined): Promise<HeldPeer> {
  const lease: LeaseOptions = {
    leases: options.bus.leases,
    clock: options.clock,
    log: options.log,
    value: JSON.stringify({ role: role.name, host: options.host, pid: options.pid }),
  }
  if (wanted === undefined) return holdAnyPeer(role.name, lease)
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

/** Resource attributes of the spans that a peer makes. */
export const resourceOf = ({ host, pid }: Pick<ProcessPorts, 'host' | 'pid'>, peer: PeerId) => ({
  [RESOURCE.serviceName]: 'skein',
  [RESOURCE.serviceInstanceId]: peer,
  [RESOURCE.hostId]: host,
  [RESOURCE.processPid]: pid,
})
