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
import type { Routing, Way } from './way.ts'

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
  /** Puts what nobody does here where anybody of the role finds it. @throws UnavailableError, AmbiguousError */
  giveBack(frame: Frame): Promise<void>
}

/** Times that a message may be passed on: peers that see different peers may send it round in circles. */
export const RELAYS_LIMIT = 64

export function createRelay(options: RelayOptions): Relay {
  const { mailboxes, runs, routing, clock, random, log, peer, role, host, pid } = options

  async function wayOf({ id, conversation, to, trail }: Route, hasRoom: boolean): Promise<Way | undefined> {
    const run = await runs.find(runOf(conversation))
    if (run?.state === 'over') return undefined
    // Of a run that ends nobody works any more: what is left of it is only to be closed.
    if (run?.state === 'ending' || routing === undefined || !routing.applies(run)) return { mailbox: to }
    if (trail.length >= RELAYS_LIMIT)
      return { barred: `it was passed on ${trail.length} times and did not arrive` }
    const through = trail.map((passage) => passage.peer)
    const way = await routing.pass(run, { conversation, to, through }, hasRoom)
    if ('barred' in way)
      log.warn('a message is not passed on', { id, to: mailboxSubject(to), reason: way.barred })
    return way
  }

  const passage = (takenAt: number): Passage => ({ peer, role, host, pid, takenAt, sentAt: clock.now() })

  return {
    giveBack: (frame) =>
      mailboxes.put({ kind: 'role', role }, passedOn(frame, passage(clock.now())), {
        dedup: `back>${random.hex(8)}`,
      }),
    async pass(frame, route, hasRoom) {
      const { id, to, trail, sentAt } = route
      if (to.kind === 'peer' && to.peer === peer) return false
      const takenAt = clock.now()
      const way = await wayOf(route, hasRoom)
      if (way === undefined) return true // of a run that is over, nobody misses it
      const put = (mailbox: Mailbox, next: Frame) => {
        const dedup = `pass>${id}@${sentAt}>${trail.length}>${mailboxSubject(mailbox)}`
        return mailboxes.put(mailbox, next, { dedup })
      }
      if ('barred' in way) {
        await put(to, barred(frame, way.barred))
        return true
      }
      const { mailbox, via } = way
      if (mailbox.kind === 'desk' && mailbox.peer === peer) {
        await put(mailbox, arrived(frame))
        return true
      }
      const next = passedOn(frame, passage(takenAt))
      if (via?.kind === 'peer') await put(via, routed(next, mailbox))
      else await put(mailbox, next)
      return true
    },
  }
}
