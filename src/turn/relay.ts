/**
 * Passing on: what came to this peer and is to end elsewhere, as the topology of its run has it. No record is kept of it
 * here. A frame is put where it goes next before it is acknowledged; put twice, it is the same message (T1).
 */
import type { Passage } from '../../protocols/address.ts'
import { type PeerId, type RoleName, runOf } from '../../protocols/ids.ts'
import type { Frame } from '../bus/frame.ts'
import { type Mailbox, type Mailboxes, mailboxSubject } from '../bus/mailboxes.ts'
import { arrived, barred, passedOn, type Route, routed } from '../codec/route.ts'
import type { Log } from '../log.ts'
import type { RunStates } from '../run/run-states.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { OpenWay, Routing, Way } from './way.ts'

export type RelayOptions = {
  readonly mailboxes: Mailboxes
  readonly runs: RunStates
  /** Nothing is said of any run unless given. */
  readonly routing?: Routing | undefined
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly peer: PeerId
  readonly role: RoleName
  readonly host: string
  readonly pid: number
}

export interface Relay {
  /**
   * Puts a frame where it goes next. False where that is the mailbox that it is read from.
   * @throws UnavailableError, AmbiguousError
   */
  pass(frame: Frame, route: Route, hasRoom: boolean): Promise<boolean>
  /**
   * Hands what was read here to whoever has its conversation: along the edges, and straight there where none lead to
   * him. It came to this peer since anybody of the role could have it, and is no message of this peer's.
   * @throws UnavailableError, AmbiguousError
   */
  forward(frame: Frame, route: Route): Promise<void>
  /** Puts what nobody does here where anybody of the role finds it. @throws UnavailableError, AmbiguousError */
  giveBack(frame: Frame): Promise<void>
}

export function createRelay(options: RelayOptions): Relay {
  const { mailboxes, runs, routing, clock, random, log, peer, role, host, pid } = options

  async function wayOf({ conversation, to, trail }: Route, hasRoom: boolean): Promise<Way | undefined> {
    const run = await runs.find(runOf(conversation))
    if (run?.state === 'over') return undefined
    // Of a run that ends nobody works any more: what is left of it is only to be closed.
    if (run?.state === 'ending' || routing === undefined || !routing.applies(run)) return { mailbox: to }
    const through = trail.map((passage) => passage.peer)
    return routing.pass(run, { conversation, to, through }, hasRoom)
  }

  const passage = (takenAt: number): Passage => ({ peer, role, host, pid, takenAt, sentAt: clock.now() })

  const put = ({ id, sentAt, trail }: Route, mailbox: Mailbox, frame: Frame) => {
    const dedup = `pass>${id}@${sentAt}>${trail.length}>${mailboxSubject(mailbox)}`
    return mailboxes.put(mailbox, frame, { dedup })
  }

  async function follow(
    frame: Frame,
    route: Route,
    { mailbox, via }: OpenWay,
    takenAt: number,
  ): Promise<void> {
    if (mailbox.kind === 'desk' && mailbox.peer === peer) return put(route, mailbox, arrived(frame))
    const next = passedOn(frame, passage(takenAt))
    if (via?.kind === 'peer') return put(route, via, routed(next, mailbox))
    return put(route, mailbox, next)
  }

  return {
    giveBack: (frame) =>
      mailboxes.put({ kind: 'role', role }, passedOn(frame, passage(clock.now())), {
        dedup: `back>${random.hex(8)}`,
      }),
    async pass(frame, route, hasRoom) {
      const { id, to } = route
      if (to.kind === 'peer' && to.peer === peer) return false
      const takenAt = clock.now()
      const way = await wayOf(route, hasRoom)
      if (way === undefined) return true // of a run that is over, nobody misses it
      if ('barred' in way) {
        log.warn('a message is not passed on', { id, to: mailboxSubject(to), reason: way.barred })
        await put(route, to, barred(frame, way.barred))
      } else await follow(frame, route, way, takenAt)
      return true
    },
    async forward(frame, route) {
      const takenAt = clock.now()
      const way = await wayOf(route, false)
      if (way === undefined) return
      // Whether its sender may talk to him, he sees himself.
      if ('barred' in way) await put(route, route.to, frame)
      else await follow(frame, route, way, takenAt)
    },
  }
}
