/**
 * What the topology of a run says of a message, for one peer: which peer takes it (placement), and who passes it on to
 * there (overlay). Computed over the view that this peer has now.
 *
 * O1 Agents talk along the edges of the overlay. The goal, its answer and the accounts of a run pass between an agent
 *    and the origin, which is no agent and stands in no overlay.
 * O2 What is on its way to a peer that is not there goes to where it would be: its mailbox keeps it.
 * O3 A message is barred only where there is no way even with every role present: whom a death cuts off is waited for.
 */
import { assertNever } from '../../protocols/errors.ts'
import { failure } from '../../protocols/failure.ts'
import { type ConversationId, type PeerId, peerId, type RoleName, type RunId } from '../../protocols/ids.ts'
import { run as runProtocol } from '../../protocols/run.ts'
import type { Mailbox } from '../bus/mailboxes.ts'
import { ORIGIN_ROLE } from '../run/origin-address.ts'
import type { RunRecord } from '../run/run-record.ts'
import type { Routing, Wanted, Way } from '../turn/way.ts'
import type { Claims } from './claims.ts'
import { type Graph, graphOf } from './graph.ts'
import { isAt, type Member } from './member.ts'
import { endsOf, hubOf, isFixed } from './overlay.ts'
import { byHash, leastAssigned } from './placement.ts'
import type { Topology } from './topology.ts'
import { type Present, roleInName, type View } from './view.ts'

/** Asks peers what they bid for a conversation, and answers the best: undefined where nobody bids. */
export type Auction = (
  conversation: ConversationId,
  role: RoleName,
  bidders: readonly PeerId[],
) => Promise<PeerId | undefined>

export type RoutingOptions = {
  readonly peer: PeerId
  readonly role: RoleName
  readonly view: View
  readonly claims: Claims
  readonly auction: Auction
}

/**
 * Times that a message may be passed on, in an overlay of so many: peers that see different peers may send it round in
 * circles. Work that finds nobody free on a ring goes round it, there and back.
 */
const relaysLimit = (members: number) => Math.max(64, 4 * members)

/** Runs whose graphs are remembered. */
const REMEMBERED = 16

type RoutedRun = RunRecord & { readonly topology: Topology }

/** What one look at the run and at the view comes to. */
type Sight = {
  /** Of the run. */
  readonly deadline: number
  readonly topology: Topology
  readonly graph: Graph
  readonly present: readonly Present[]
}

export function createRouting({ peer: me, role: myRole, view, claims, auction }: RoutingOptions): Routing {
  const sights = new Map<RunId, Sight>()
  /** As far as this hub has handed work out: after a crash it begins anew. */
  const assigned = new Map<PeerId, number>()

  async function look({ run, topology, deadline }: RoutedRun): Promise<Sight> {
    const present = await view.present()
    const known = sights.get(run)
    if (known?.present === present) return known
    sights.delete(run)
    const graph = graphOf(topology.overlay, [...membersOf(topology, present), { peer: me, role: myRole }])
    const sight = { deadline, topology, graph, present }
    sights.set(run, sight)
    if (sights.size > REMEMBERED) sights.delete(sights.keys().next().value!)
    return sight
  }

  /** The first hop towards a peer, and the mailbox that the message ends in. */
  function toward(sight: Sight, target: PeerId, mailbox: Mailbox): Way {
    if (target === me) return { mailbox }
    const hop = hopTo(sight, target)
    if (hop === undefined) return { barred: noWay(sight, target) }
    return hop === target && mailbox.kind !== 'role'
      ? { mailbox }
      : { mailbox, via: { kind: 'peer', peer: hop } }
  }

  function hopTo(sight: Sight, target: PeerId): PeerId | undefined {
    const hop = sight.graph.next(me, target)
    if (hop !== undefined) return hop
    // O2, O3
    const { topology, present } = sight
    const role = roleInName(target)
    const members = [...membersOf(topology, present), { peer: me, role: myRole }]
    const wanted = role === undefined ? members : [...members, { peer: target, role }]
    const hopNow = graphOf(topology.overlay, wanted).next(me, target)
    if (hopNow !== undefined) return hopNow
    const absent = topology.roles.filter((name) => !wanted.some((one) => one.role === name))
    const all = [
      ...wanted,
      ...absent.map((name) => ({ peer: firstOf(name), role: name })),
      ...namedIn(topology),
    ]
    return graphOf(topology.overlay, all).next(me, target)
  }

  const noWay = ({ topology }: Sight, target: PeerId | RoleName) =>
    `the topology "${topology.name}" has no way from ${me} to ${target}`

  /** Work that goes from one peer of the role to the next until somebody has room. */
  function walk(sight: Sight, role: RoleName, through: readonly string[], hasRoom: boolean): Way {
    const unvisited = peersOf(sight, role).filter((one) => one !== me && !through.includes(one))
    if (myRole === role && (hasRoom || unvisited.length === 0)) return { mailbox: deskOf(me) }
    const next = sight.graph.nearest(me, unvisited)
    if (next !== undefined) return toward(sight, next, { kind: 'role', role })
    if (myRole === role) return { mailbox: deskOf(me) }
    const beyond = unvisited.find((one) => hopTo(sight, one) !== undefined)
    return beyond === undefined ? toAbsent(sight, role) : toward(sight, beyond, deskOf(beyond))
  }

  /** Nobody of the role is there, or nobody to whom there is a way: whoever comes first finds it, or who is named. */
  function toAbsent(sight: Sight, role: RoleName): Way {
    const named = namedIn(sight.topology).flatMap((one) => (one.role === role ? [one.peer] : []))
    const first = [firstOf(role), ...named].find((one) => hopTo(sight, one) !== undefined)
    if (first === undefined) return { barred: noWay(sight, role) }
    if (hopTo(sight, first) === first && isOpenTo(sight, role)) return { mailbox: { kind: 'role', role } }
    return toward(sight, first, deskOf(first))
  }

  /** Peers of a role that take new work, and to whom there is a way. */
  const reachable = (sight: Sight, role: RoleName): readonly PeerId[] =>
    peersOf(sight, role).filter((one) => hopTo(sight, one) !== undefined)

  /** Whether whoever of the role joins may have it as well: he would refuse what comes along no edge. */
  function isOpenTo({ topology: { overlay } }: Sight, role: RoleName): boolean {
    if (!isFixed(overlay)) return true
    const newcomer = peerId(`${role}-newcomer`)
    return graphOf(overlay, [
      { peer: me, role: myRole },
      { peer: newcomer, role },
    ]).linked(me, newcomer)
  }

  async function place(sight: Sight, conversation: ConversationId, role: RoleName): Promise<Way> {
    const { topology, graph } = sight
    const { placement } = topology
    if (placement === 'blackboard') return { mailbox: { kind: 'role', role }, via: { kind: 'board' } }
    if (placement === 'hub') return viaHub(sight, conversation, role)
    const peers = reachable(sight, role)
    if (peers.length === 0) return toAbsent(sight, role)
    switch (placement) {
      case 'anybody':
        if (isOpenTo(sight, role) && peers.every((one) => graph.linked(me, one)))
          return { mailbox: { kind: 'role', role } }
        return walk(sight, role, [], false)
      case 'hash': {
        const chosen = byHash(conversation, peers)!
        return toward(sight, chosen, deskOf(chosen))
      }
      case 'auction': {
        const choose = async () => (await auction(conversation, role, peers)) ?? byHash(conversation, peers)
        const winner = await claims.assign(conversation, role, choose, sight.deadline)
        return winner === undefined ? toAbsent(sight, role) : toward(sight, winner, deskOf(winner))
      }
      default:
        return assertNever(placement)
    }
  }

  /** The hub says whose it is; everybody else asks it by sending it there. */
  async function viaHub(sight: Sight, conversation: ConversationId, role: RoleName): Promise<Way> {
    const hub = hubIn(sight)
    if (hub !== me) return toward(sight, hub, { kind: 'role', role })
    const peers = reachable(sight, role)
    const choose = async () => {
      const chosen = leastAssigned(conversation, peers, assigned)
      if (chosen !== undefined) assigned.set(chosen, (assigned.get(chosen) ?? 0) + 1)
      return chosen
    }
    const winner = await claims.assign(conversation, role, choose, sight.deadline)
    return winner === undefined ? toAbsent(sight, role) : toward(sight, winner, deskOf(winner))
  }

  async function wayOf(run: RoutedRun, { message, mailbox }: Wanted): Promise<Way> {
    const { type, to } = message
    const { roles } = run.topology
    const isTalk = to.role !== ORIGIN_ROLE && type !== IDLE && (roles.length === 0 || roles.includes(to.role))
    if (!isTalk || myRole === ORIGIN_ROLE) return { mailbox } // O1
    const sight = await look(run)
    if (mailbox.kind === 'role') return place(sight, to.conversation, mailbox.role)
    return toward(sight, mailbox.peer, mailbox)
  }

  return {
    applies: (run): run is RoutedRun =>
      run?.topology !== undefined && (passesOn(run.topology) || run.topology.placement !== 'anybody'),
    async ways(run, wanted) {
      if (!isRouted(run)) return new Map()
      const ways = new Map<ConversationId, Promise<Way>>()
      const entries = wanted.map(async (one) => {
        const { message, mailbox } = one
        if (mailbox.kind !== 'role') return [message.id, await wayOf(run, one)] as const
        // Several messages to one conversation are one piece of work.
        const way = ways.get(message.to.conversation) ?? wayOf(run, one)
        if (!SAYS_NO_WORK.has(message.type)) ways.set(message.to.conversation, way)
        return [message.id, await way] as const
      })
      return new Map(await Promise.all(entries))
    },
    async pass(run, { conversation, to, through }, hasRoom) {
      if (!isRouted(run)) return { mailbox: to }
      const sight = await look(run)
      if (through.length >= relaysLimit(sight.graph.members.length))
        return { barred: `it was passed on ${through.length} times and did not arrive` }
      if (to.kind !== 'role') return toward(sight, to.peer, to)
      if (run.topology.placement === 'hub' && !through.includes(hubIn(sight)))
        return viaHub(sight, conversation, to.role)
      return walk(sight, to.role, through, hasRoom)
    },
    forbids(run, from) {
      if (!isRouted(run)) return undefined
      const { overlay, placement, roles, name } = run.topology
      const isAgent =
        from.role !== ORIGIN_ROLE && (roles.length === 0 || roles.includes(from.role as RoleName))
      if (!isFixed(overlay) || placement === 'blackboard' || !isAgent || from.peer === me) return undefined
      const ends = [from as Member, { peer: me, role: myRole }]
      return graphOf(overlay, ends).linked(from.peer as PeerId, me)
        ? undefined
        : `the topology "${name}" has no edge from ${from.peer} to ${me}`
    },
  }
}

const IDLE: string = runProtocol.messages.idle.type
const SAYS_NO_WORK: ReadonlySet<string> = new Set([IDLE, failure.messages.failure.type])

/** Whether peers pass messages on for others under a topology, or some may not talk at all. */
export const passesOn = (topology: Topology | undefined): boolean =>
  topology !== undefined &&
  (topology.placement === 'hub' || !['mesh', 'solo'].includes(topology.overlay.kind))

const isRouted = (run: RunRecord): run is RoutedRun => run.topology !== undefined

const deskOf = (peer: PeerId): Mailbox => ({ kind: 'desk', peer })

/** The name that the first process of a role takes. */
const firstOf = (role: RoleName): PeerId => peerId(`${role}-1`)

const membersOf = ({ roles }: Topology, present: readonly Present[]): readonly Member[] =>
  present.filter(({ role }) => roles.length === 0 || roles.includes(role))

/** Peers that the overlay knows by their names, there or not. */
const namedIn = ({ overlay, roles }: Topology): readonly Member[] =>
  endsOf(overlay).flatMap((end) => {
    const role = (roles as readonly string[]).includes(end) ? undefined : roleInName(end as PeerId)
    return role === undefined ? [] : [{ peer: peerId(end), role }]
  })

/** Peers of a role that take new work. */
const peersOf = ({ present }: Sight, role: RoleName): readonly PeerId[] =>
  present.filter((one) => one.role === role && !one.adopted).map(({ peer }) => peer)

/** The peer that hands work out: the hub of the overlay, or the first of the first role. */
function hubIn({ topology, graph }: Sight): PeerId {
  const end = hubOf(topology.overlay) ?? topology.roles[0]
  if (end === undefined) return graph.members[0]!.peer
  const there = graph.members.find((member) => isAt(end, member))?.peer
  return (
    there ?? ((topology.roles as readonly string[]).includes(end) ? firstOf(end as RoleName) : peerId(end))
  )
}
