/**
 * Mail that only passes through a peer that is gone, and whose role nobody here has: whoever finds it passes it on in
 * that peer's name, so that it goes on along the edges. That needs no lease: nothing is decided and no record written.
 * What is for the gone peer itself stays where it is, until a process of its role adopts it.
 *
 * It is put where it goes next before it is removed; several may find it, and what is put twice is one message (T1).
 */
import type { PeerId, RoleName } from '../../protocols/ids.ts'
import type { Frame } from '../bus/frame.ts'
import type { Mailbox, Mailboxes } from '../bus/mailboxes.ts'
import { type Route, routeOf } from '../codec/route.ts'
import type { Log } from '../log.ts'
import { roleInName } from '../topology/view.ts'
import type { Relay } from '../turn/relay.ts'

export type RescueOptions = {
  readonly mailboxes: Pick<Mailboxes, 'sweep'>
  readonly log: Log
  /** Passes on as this peer would. */
  readonly relayFor: (peer: PeerId, role: RoleName) => Relay
}

type Stuck = { readonly at: PeerId; readonly frame: Frame; readonly route: Route }

/** @param gone peers without a process. @throws UnavailableError, AmbiguousError where the bus cannot be looked through */
export async function rescueMail(
  gone: ReadonlySet<PeerId>,
  { mailboxes, log, relayFor }: RescueOptions,
): Promise<void> {
  const stuck: Stuck[] = []
  await mailboxes.sweep((mailbox, frame) => {
    const found = stuckIn(mailbox, frame, gone)
    if (found !== undefined) stuck.push(found)
    return false
  })
  const passed = new Set<string>()
  for (const one of stuck) {
    const role = roleInName(one.at)
    if (role === undefined) continue
    try {
      if (await relayFor(one.at, role).pass(one.frame, one.route, false)) passed.add(keyOf(one))
    } catch (error) {
      // One that can never go on keeps no other, and nobody from being adopted.
      log.warn('mail that was stuck with a peer that is gone stays there', {
        id: one.route.id,
        error: String(error),
      })
    }
  }
  if (passed.size === 0) return
  await mailboxes.sweep((mailbox, frame) => {
    const found = stuckIn(mailbox, frame, gone)
    return found !== undefined && passed.has(keyOf(found))
  })
  log.info('mail was stuck with peers that are gone, and goes on', { messages: passed.size })
}

function stuckIn(mailbox: Mailbox, frame: Frame, gone: ReadonlySet<PeerId>): Stuck | undefined {
  if (mailbox.kind !== 'peer' || !gone.has(mailbox.peer)) return undefined
  const route = readableRoute(frame)
  return route && { at: mailbox.peer, frame, route }
}

const keyOf = ({ at, route: { id, sentAt, trail } }: Stuck) => `${at} ${id}@${sentAt}#${trail.length}`

function readableRoute(frame: Frame): Route | undefined {
  try {
    return routeOf(frame)
  } catch {
    return undefined
  }
}
