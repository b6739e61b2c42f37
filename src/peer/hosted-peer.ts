/** One peer under its lease: a host of turns, and presence. It ends by leaving, or by finding itself fenced. */
import { failure } from '../../protocols/failure.ts'
import { type PeerId, type RoleName, roleName } from '../../protocols/ids.ts'
import type { Beat } from '../../protocols/presence.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { run } from '../../protocols/run.ts'
import { createCodec } from '../codec/codec.ts'
import type { Model } from '../model/model.ts'
import { personHandler } from '../people/person-effect.ts'
import { behaviourOf } from '../role/behaviour.ts'
import { chatHandler } from '../role/chat.ts'
import type { Role } from '../role/define.ts'
import { toolHandler } from '../role/use-tool.ts'
import { createBench } from '../run/bench.ts'
import { createQuotas } from '../run/quotas.ts'
import type { RunRecord } from '../run/run-record.ts'
import type { RunStates } from '../run/run-states.ts'
import { createBoardReader } from '../topology/board-reader.ts'
import type { Claims } from '../topology/claims.ts'
import { createRouting } from '../topology/routing.ts'
import type { Placement } from '../topology/topology.ts'
import type { View } from '../topology/view.ts'
import { createHost } from '../turn/host.ts'
import type { HostView } from '../turn/host-options.ts'
import type { Owners } from '../turn/owners.ts'
import type { Trials } from '../turn/trials.ts'
import { createAuction, createBidder } from './auction.ts'
import type { HeldPeer } from './lease.ts'
import { createLiveOutput } from './live-output.ts'
import { announce } from './presence.ts'
import { type ProcessPorts, resourceOf } from './process.ts'

export type HostedPeerOptions = ProcessPorts & {
  readonly role: Role
  readonly model: Model
  readonly owners: Owners
  readonly runs: RunStates
  readonly trials: Trials
  readonly view: View
  readonly claims: Claims
  /** Another process's peer, for as long as it has something to finish: it takes no new work. */
  readonly adopted: boolean
}

export interface HostedPeer {
  readonly peer: PeerId
  readonly role: RoleName
  view(): HostView
  /** Says in presence that the peer is about to leave, or that it stays after all. */
  retire(leaving: boolean): void
  /** Resolves when another process hosts the peer. Nothing is taken or published here from then on. */
  readonly lost: Promise<void>
  /** Resolves when something of the peer's turns out to be for a process of another version. */
  readonly misfit: Promise<void>
  /** Finishes the turns in hand, gives the lease back, says goodbye. */
  drain(): Promise<void>
  /** Stops without a word, since the peer is somebody else's. */
  abandon(): Promise<void>
}

export async function hostPeer(held: HeldPeer, options: HostedPeerOptions): Promise<HostedPeer> {
  const { bus, clock, random, log, host, pid, role, model, adopted, replay } = options
  const { peer } = held
  let leaving = false
  let misfits = () => {}
  const misfit = new Promise<void>((resolve) => {
    misfits = resolve
  })
  let fence = () => {}
  const fenced = new Promise<void>((resolve) => {
    fence = resolve
  })
  const quotas = createQuotas({ records: bus.records, clock, random, log })
  const { signals, mailboxes, records, blobs } = bus
  const { content } = options
  const auction = createAuction({ signals, clock, random, log })
  const redact = options.liveOutput
  const live = redact && createLiveOutput({ signals, clock, peer, role: roleName(role.name), redact })
  const bench = createBench(options)
  const handlers = {
    chat: chatHandler({ ...options.calling, role, model, blobs, quotas, content, log }),
    tool: toolHandler({ role, bench, content, hear: live }),
    person: personHandler({ role, bench, records: bus.records, clock, random }),
  }
  const turns = createHost({
    ...options,
    codec: createCodec(createRegistry([run, failure], [...role.accepts, ...role.sends])),
    behaviour: behaviourOf(role),
    handlers: replay?.handlersOf(role, handlers) ?? handlers,
    admit: replay?.admit,
    peer,
    epoch: held.epoch,
    limit: adopted ? 0 : role.concurrency,
    resource: resourceOf(options, peer),
    assure: held.assure,
    quotas: replay?.quotas ?? quotas,
    board: options.claims,
    routing: replay?.routing ?? createRouting({ ...options, peer, role: role.name, auction }),
    onFenced: () => fence(),
    onMisfit: () => misfits(),
  })
  held.lost.addEventListener('abort', () => fence(), { once: true })
  const bidder = createBidder({
    ...{ signals, clock, random, log, peer, role: role.name },
    load: () => turns.view().conversations,
    skill: role.skill,
    leaving: () => leaving,
  })
  const reader = createBoardReader({
    ...{ ...options, records, mailboxes, peer, role: role.name },
    hasRoom: () => !leaving && turns.view().busy < role.concurrency,
  })
  const unfollow = adopted
    ? () => {}
    : whenPlaced(options.runs, { auction: bidder.start, blackboard: reader.start })
  const stopPlacing = async () => {
    unfollow()
    await Promise.all([bidder.stop(), reader.stop()])
  }
  // Before anybody else hears of it: from here on nothing leaves under that name.
  const lost = fenced.then(() => turns.stop())

  function beat(): Beat {
    const { conversations, busy, doing, runs } = turns.view()
    return {
      peer,
      role: roleName(role.name),
      description: role.description,
      host,
      pid,
      model: model.name,
      ...(options.sandbox && { sandbox: options.sandbox.name }),
      conversations,
      busy,
      limit: role.concurrency,
      doing: [...doing],
      runs: [...runs],
      draining: leaving,
      adopted,
    }
  }
  const presence = await turns
    .start()
    .then(() => announce({ signals: bus.signals, clock, beat, assure: held.assure }))
    .catch(async (error) => {
      await stopPlacing()
      await turns.drain().catch(() => {})
      await quotas.stop()
      throw error
    })
  log.info(adopted ? 'adopted a peer' : 'hosting a peer', {
    peer,
    role: role.name,
    epoch: held.epoch,
    model: model.name,
  })
  return {
    peer,
    role: role.name,
    view: turns.view,
    retire(on) {
      leaving = on
    },
    lost,
    misfit,
    async drain() {
      leaving = true
      try {
        await stopPlacing()
        await turns.drain().finally(quotas.stop)
        await presence.stop()
      } finally {
        await held
          .release()
          .catch((error) =>
            log.warn('the lease could not be given back; it runs out', { peer, error: String(error) }),
          )
      }
      // Only now: who hears it may take the lease at once.
      presence.sayGone()
    },
    async abandon() {
      await Promise.all([stopPlacing(), turns.drain().finally(quotas.stop), presence.stop()])
      await held.release()
    },
  }
}

/** What a placement needs of a peer begins with the first run that has it. Returns how to look for no more. */
function whenPlaced(runs: RunStates, begin: Partial<Record<Placement, () => void>>): () => void {
  const look = ({ state, topology }: RunRecord) => {
    if (state !== 'over' && topology !== undefined) begin[topology.placement]?.()
  }
  for (const run of runs.underWay()) look(run)
  return runs.follow(look)
}
