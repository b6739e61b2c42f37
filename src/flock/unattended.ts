/**
 * Work that waits for a process: nobody holds a lease for a peer of its role, and nobody answers for one. Nothing is
 * started for it here, and nobody is told off: the work waits, and people are told what for.
 */
import { type PeerId, peerIdSchema, type RoleName } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { Log } from '../log.ts'
import { rollCall } from '../peer/presence.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { roleOfPeer, type Work } from './backlog.ts'
import { isOriginLease } from './live-runs.ts'

/** Of some work, that of roles without a process. @throws UnavailableError, AmbiguousError */
export async function unattended(work: readonly Work[], bus: Bus, clock: Clock): Promise<readonly Work[]> {
  const absent = await absentOf(
    work.map(({ role }) => role),
    bus,
    clock,
  )
  return work.filter(({ role }) => absent.includes(role))
}

/** A peer may have a name that does not tell its role: so whoever holds a lease is asked before a role is missing. */
async function absentOf(
  roles: readonly RoleName[],
  { leases, signals }: Bus,
  clock: Clock,
): Promise<readonly RoleName[]> {
  if (roles.length === 0) return []
  const held = (await leases.list('peer'))
    .filter(({ key }) => !isOriginLease(key))
    .flatMap(({ key }) => peerOfLease(key) ?? [])
  const unseen = roles.filter((role) => !held.some((peer) => roleOfPeer(peer) === role))
  if (unseen.length === 0 || held.length === 0) return unseen
  const beats = await rollCall(signals, clock, (heard) =>
    held.every((peer) => heard.some((beat) => beat.peer === peer)),
  )
  return unseen.filter((role) => !beats.some((beat) => beat.role === role))
}

const peerOfLease = (key: string): PeerId | undefined =>
  peerIdSchema.safeParse(key.slice('peer.'.length)).data

/** `2 messages and 1 conversation` */
export function amountOf({ messages, conversations }: Work): string {
  const counted = (count: number, what: string) =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`]
  return [...counted(messages, 'message'), ...counted(conversations, 'conversation')].join(' and ')
}

/** `no coder is alive: 2 messages and 1 conversation wait for one` */
export function missingText(work: Work): string {
  const verb = work.messages + work.conversations === 1 ? 'waits' : 'wait'
  return `no ${work.role} is alive: ${amountOf(work)} ${verb} for one`
}

/** Between two looks. */
const LOOK_MS = 3_000

export type WatchOptions = {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  /** What there is to do now. */
  readonly work: () => readonly Work[]
  /** Takes a line for people when a role begins to be missed, and when it is back. */
  readonly say: (text: string) => void
}

/** Looks now and then, until it is stopped. */
export function watchUnattended({ bus, clock, log, work, say }: WatchOptions): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const missed = new Set<RoleName>()

  async function look(): Promise<void> {
    const now = work()
    const absent = await absentOf([...new Set([...missed, ...now.map(({ role }) => role)])], bus, clock)
    if (stopping.signal.aborted) return
    for (const role of missed) {
      if (absent.includes(role)) continue
      missed.delete(role)
      say(`${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role} is back`)
    }
    for (const one of now) {
      if (!absent.includes(one.role) || missed.has(one.role)) continue
      missed.add(one.role)
      say(missingText(one))
    }
  }

  async function looking(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(clock, LOOK_MS, stopping.signal)
      if (stopping.signal.aborted) return
      await look().catch((error) => log.warn('who is missing could not be seen', { error: String(error) }))
    }
  }

  const loop = looking()
  return {
    stop() {
      stopping.abort()
      return loop
    },
  }
}
