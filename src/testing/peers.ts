/**
 * The peers of a mesh: each a process of its own on the memory network, so that each can die, sleep or be cut off by
 * itself. Nothing starts another one in its place but what the test says.
 */

import { HEADER } from '../../protocols/envelope.ts'
import { assertNever } from '../../protocols/errors.ts'
import { peerId } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { Bus } from '../bus/bus.ts'
import type { MemoryNetwork } from '../bus/memory/network.ts'
import type { Log } from '../log.ts'
import type { Model } from '../model/model.ts'
import { type HostedPeers, hostPeers } from '../peer/host-peers.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Role } from '../role/define.ts'
import { type Hosted, type SimulatedProcess, startProcess } from '../simulation/process.ts'
import type { Witness } from '../simulation/witness.ts'
import type { SeededRandom } from '../time/random.ts'
import type { VirtualClock } from '../time/virtual-clock.ts'
import { type Acting, type Actor, actingModel, actingRole } from './acting.ts'
import { TestingError } from './errors.ts'
import type { PeerFault } from './fault.ts'
import type { Victim } from './misfortune.ts'

export type PeersOptions = {
  readonly network: MemoryNetwork
  readonly clock: VirtualClock
  readonly random: SeededRandom
  readonly blobs: Blobs
  readonly log: Log
  readonly acting: Acting
  readonly modelFor: (role: Role) => Model
}

export interface Peers {
  /** One more peer of a role. */
  open(role: Role): void
  /** A process that hosts something else. */
  openProcess(name: string, host: (ports: ProcessPorts) => Promise<Hosted>): void
  /** Whether all of them have begun. @throws what kept one from it */
  ready(): boolean
  /** A fault strikes whoever is meant now. @throws TestingError `testing.peer` */
  strike(fault: PeerFault): void
  /** What became of those that are not at work, for people. */
  missing(): readonly string[]
  end(): void
}

type Place = {
  readonly name: string
  readonly role: string
  readonly start: () => void
  process?: SimulatedProcess
  hosted?: HostedPeers
  isReady: boolean
  /** Why nobody is there, or at work. */
  away?: string
}

/** Nobody looks over their shoulders: that is what the simulator does. */
const nobody: Witness = {
  read() {},
  appended() {},
  committed() {},
  received() {},
  puts() {},
  calls() {},
  runs() {},
}

export function createPeers(options: PeersOptions): Peers {
  const { network, clock, random, blobs, log, acting, modelFor } = options
  const { misfortune } = acting
  const places: Place[] = []
  const counts = new Map<string, number>()
  let pid = 0
  let ended = false
  let failure: unknown

  const peersOf = ({ hosted }: Place) => hosted?.peers.map(({ peer }) => peer) ?? []

  function start(place: Place, host: (ports: ProcessPorts, place: Place) => Promise<Hosted>): void {
    const client = `${place.name}.${++pid}`
    place.isReady = false
    place.away = undefined
    const process = startProcess({
      ...{ name: client, pid, network, clock, skewMs: 0, blobs, log },
      witness: nobody,
      random: random.fork(client),
      async host(ports) {
        try {
          const hosted = await host(ports, place)
          place.isReady = true
          return hosted
        } catch (error) {
          failure ??= error
          throw error
        }
      },
      onEnd() {
        if (place.process !== process) return
        place.process = undefined
        place.hosted = undefined
      },
    })
    place.process = process
  }

  function strikeAt(fault: PeerFault, place: Place): void {
    const { process } = place
    if (process === undefined) return
    const at = `${place.name}, at ${acting.elapsed()} ms`
    misfortune.note(fault, at)
    switch (fault.kind) {
      case 'kill': {
        const { restartMs } = fault
        place.away = `its process was killed at ${acting.elapsed()} ms`
        process.kill()
        if (restartMs !== false) clock.setTimer(restartMs, () => ended || place.start())
        break
      }
      case 'pause':
        leave(place, process, fault.forMs, 'sleeps', process.pause, process.resume)
        break
      case 'cut':
        leave(place, process, fault.forMs, 'is cut off', process.cut, process.heal)
        break
      default:
        assertNever(fault)
    }
  }

  function leave(
    place: Place,
    process: SimulatedProcess,
    forMs: number,
    how: string,
    go: () => void,
    back: () => void,
  ): void {
    place.away = `it ${how} until ${acting.elapsed() + forMs} ms`
    go()
    clock.setTimer(forMs, () => {
      if (place.process !== process) return
      place.away = undefined
      back()
    })
  }

  /** The process with what faults strike by: what it takes, and what it commits. */
  function actorAt(
    place: Place,
    ports: ProcessPorts,
  ): { readonly actor: Actor; readonly ports: ProcessPorts } {
    const self = place.process
    const { role, name } = place
    const victim = (): Victim => ({ role, peers: peersOf(place), name: `${name}.${ports.pid}` })
    const actor: Actor = {
      victim,
      clock: ports.clock,
      happens(happening, what) {
        if (place.process !== self) return true
        for (const fault of misfortune.at(happening, what, victim())) strikeAt(fault, place)
        return place.process !== self
      },
    }
    const seen: ProcessPorts = {
      ...ports,
      bus: noticing(ports.bus, (type) => actor.happens('taking', type)),
      onOwnCommit: ({ record: { took } }) => void actor.happens('turn', took.event),
    }
    return { actor, ports: seen }
  }

  function hostRole(role: Role, name: string) {
    let incarnation = 0
    return async (own: ProcessPorts, place: Place): Promise<Hosted> => {
      const { actor, ports } = actorAt(place, own)
      const acted = actingRole(role, actor, acting)
      const hosted = await hostPeers({
        ...ports,
        // The first incarnation is called as a test expects; later ones as they may be.
        roles: [{ role: acted, ...(incarnation++ === 0 && { peer: peerId(name) }) }],
        modelFor: () => actingModel(modelFor(role), role, actor, acting),
      })
      place.hosted = hosted
      return hosted
    }
  }

  return {
    open(role) {
      const number = (counts.get(role.name) ?? 0) + 1
      counts.set(role.name, number)
      const name = `${role.name}-${number}`
      const host = hostRole(role, name)
      const place: Place = { name, role: role.name, isReady: false, start: () => start(place, host) }
      places.push(place)
      place.start()
    },
    openProcess(name, host) {
      const seen = (own: ProcessPorts, at: Place) => host(actorAt(at, own).ports)
      const place: Place = { name, role: name, isReady: false, start: () => start(place, seen) }
      places.push(place)
      place.start()
    },
    ready() {
      if (failure !== undefined) throw failure
      return places.every(({ isReady, process }) => isReady || process === undefined)
    },
    strike(fault) {
      const place = places.find(
        (one) =>
          one.process !== undefined &&
          (one.role === fault.who || peersOf(one).some((peer) => peer === fault.who)),
      )
      if (place !== undefined) return strikeAt(fault, place)
      const there = places.flatMap((one) => (one.process === undefined ? [] : peersOf(one)))
      throw new TestingError('peer', `nobody here is "${fault.who}": there are ${there.join(', ') || 'none'}`)
    },
    missing: () => places.flatMap(({ name, away }) => (away === undefined ? [] : [`${name}: ${away}`])),
    end() {
      ended = true
      for (const { process } of places) process?.kill()
    },
  }
}

/** The bus as a process has it that hears of the messages it is given. @param onTaken the type; answers whether it is dead now */
const noticing = ({ mailboxes, ...bus }: Bus, onTaken: (type: string) => boolean): Bus => ({
  ...bus,
  mailboxes: {
    ...mailboxes,
    async reader(mailbox, how) {
      const reader = await mailboxes.reader(mailbox, how)
      return {
        ...reader,
        async next(signal) {
          const delivery = await reader.next(signal)
          const type = delivery?.frame.headers[HEADER.type]
          if (type !== undefined && onTaken(type)) await new Promise(() => {})
          return delivery
        },
      }
    },
  },
})
