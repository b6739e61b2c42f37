/**
 * One peer at the blackboards of its role: while it has room it claims the work that has lain there longest. Whoever
 * loses a claim to somebody else looks further; what a peer claimed that is gone is claimed anew.
 */
import { type PeerId, type RoleName, runOf } from '../../protocols/ids.ts'
import type { Mailboxes } from '../bus/mailboxes.ts'
import type { RecordEntry, Records, RecordWatch } from '../bus/records.ts'
import type { Log } from '../log.ts'
import type { RunStates } from '../run/run-states.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { persist } from '../turn/persist.ts'
import { CLAIM, type Claim, type Claims, decodeClaim } from './claims.ts'
import type { View } from './view.ts'

export interface BoardReader {
  /** Begins to read. Idempotent. */
  start(): void
  stop(): Promise<void>
}

export type BoardReaderOptions = {
  readonly records: Records
  readonly mailboxes: Pick<Mailboxes, 'depth'>
  readonly claims: Claims
  readonly view: View
  readonly runs: RunStates
  readonly clock: Clock
  readonly log: Log
  readonly peer: PeerId
  readonly role: RoleName
  readonly hasRoom: () => boolean
}

/** Milliseconds between two looks where nothing was heard of: there may be room again, or somebody may be gone. */
const LOOK_MS = { lying: 200, nothing: 60_000 }

type Lying = { readonly entry: RecordEntry; readonly claim: Claim }

export function createBoardReader(options: BoardReaderOptions): BoardReader {
  const { records, mailboxes, claims, view, runs, clock, log, peer, role } = options
  const stopping = new AbortController()
  const lying = new Map<string, Lying>()
  let reading: Promise<unknown> | undefined
  let heard = new AbortController()

  function note(entry: RecordEntry): void {
    let claim: Claim
    try {
      claim = decodeClaim(entry.value)
    } catch (error) {
      log.error('a claim could not be read and is left alone', { key: entry.key, error: String(error) })
      return
    }
    if (claim.role !== role || claim.frames.length === 0) {
      lying.delete(entry.key)
      return
    }
    lying.set(entry.key, { entry, claim })
    heard.abort()
  }

  /** Those that nobody has, the oldest first. */
  async function open(): Promise<readonly Lying[]> {
    const there = new Set((await view.present()).flatMap((one) => (one.adopted ? [] : [one.peer])))
    for (const [key, { claim }] of lying)
      if (runs.known(runOf(claim.conversation))?.state === 'over') lying.delete(key)
    return [...lying.values()]
      .filter(({ claim }) => claim.peer === null || claim.peer === peer || !there.has(claim.peer))
      .sort((a, b) => a.claim.at - b.claim.at || (a.entry.key < b.entry.key ? -1 : 1))
  }

  async function claimOne(): Promise<void> {
    if (lying.size === 0 || !options.hasRoom()) return
    // What it has claimed and not begun with takes the room.
    if ((await mailboxes.depth({ kind: 'desk', peer })) > 0) return
    for (const { entry, claim } of await open()) {
      if (stopping.signal.aborted) return
      lying.delete(entry.key)
      if (await claims.take(entry, claim, peer)) return
    }
  }

  async function look(): Promise<void> {
    while (!stopping.signal.aborted) {
      heard = new AbortController()
      await claimOne()
      const pause = lying.size === 0 ? LOOK_MS.nothing : LOOK_MS.lying
      if (!stopping.signal.aborted) await sleep(clock, pause, heard.signal)
    }
  }

  async function follow(watch: RecordWatch): Promise<void> {
    for await (const entry of watch) note(entry)
  }

  async function read(): Promise<void> {
    const watch = await records.watch(CLAIM)
    const close = () => watch.close()
    stopping.signal.addEventListener('abort', close, { once: true })
    if (stopping.signal.aborted) close()
    const again = { clock, log, signal: stopping.signal, what: `claims of "${peer}"` }
    await Promise.all([follow(watch), persist(look, again)])
  }

  return {
    start() {
      if (stopping.signal.aborted) return
      const again = { clock, log, signal: stopping.signal, what: `reading the blackboard for "${peer}"` }
      reading ??= persist(read, again)
    },
    async stop() {
      stopping.abort()
      heard.abort()
      await reading
    },
  }
}
