/**
 * A run of which one peer's process is killed in the middle of the job: when a third of the messages are committed that
 * the job takes undisturbed.
 */
import { z } from 'zod'
import { type RoleName, roleNameSchema } from '../../protocols/ids.ts'
import { findBus } from '../../src/flock/open-bus.ts'
import { ORIGIN_ROLE } from '../../src/run/origin-address.ts'
import { summarise } from '../../src/run/summary.ts'
import { watchRun } from '../../src/run/watch-run.ts'
import { type Clock, sleep } from '../../src/time/clock.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import type { Story } from '../../traces/read/story.ts'
import type { Project } from '../e2e/project.ts'
import { cleanEnvironment, type SkeinProcess } from '../e2e/skein-process.ts'
import { finished, type Started, startWired, type Wired, type WiredRun } from './wired-run.ts'

/** Milliseconds from the kill until a process is started in place of the one that was killed. */
const REPLACED_AFTER_MS = 5_000

export type KillOptions = {
  readonly project: Project
  readonly workspace: string
  readonly wired: Wired
  /** Of the peer that dies: of several the one with the most turns by then. */
  readonly role: RoleName
  /** Committed messages after which it dies. */
  readonly after: number
  /** Whether somebody starts another. */
  readonly replaced: boolean
  /** Until the run is given up. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export type KilledPeer = { readonly peer: string; readonly pid: number }

/** @throws Error where the run ended before anybody could be killed */
export async function runAndKill(options: KillOptions): Promise<WiredRun & { readonly killed: KilledPeer }> {
  const { project, workspace, wired, role, replaced, timeoutMs, clock, signal } = options
  const started = await startWired(project, workspace, wired, '--timeout', `${timeoutMs}ms`)
  const killed = await killInTheMiddle(options, started)
  let heir: SkeinProcess | undefined
  if (replaced) {
    const over = new AbortController()
    const end = started.process.ended.finally(() => over.abort())
    await Promise.race([end, sleep(clock, REPLACED_AFTER_MS, AbortSignal.any([signal, over.signal]))])
    if (!over.signal.aborted && !signal.aborted) heir = project.skein(['peer', role, '--model', 'offline'])
  }
  try {
    return { ...(await finished(project, started)), killed }
  } finally {
    await heir?.stop()
  }
}

async function killInTheMiddle(
  options: KillOptions,
  { run, process: starter }: Started,
): Promise<KilledPeer> {
  const { project, role, after, signal } = options
  const look = { stateDir: project.stateDir, env: cleanEnvironment(), say: () => {} }
  const { bus, leave } = await findBus(look)
  const enough = new AbortController()
  const journal: ConversationRecord[] = []
  const onCommit = (record: ConversationRecord) => {
    journal.push(record)
    if (summarise(journal).messages >= after) enough.abort()
  }
  void starter.ended.then(() => enough.abort())
  try {
    await watchRun({ bus, run, onCommit, signal: AbortSignal.any([enough.signal, signal]) })
    signal.throwIfAborted()
    const leases = await bus.leases.list('peer')
    const there = leases.flatMap(({ key, value }) => {
      const note = noteIn(value)
      return note?.role === role ? [{ peer: key.slice('peer.'.length), pid: note.pid }] : []
    })
    const turns = (peer: string) => journal.filter(({ by }) => by.peer === peer).length
    const [first] = there.toSorted((a, b) => turns(b.peer) - turns(a.peer))
    if (first === undefined) throw new Error(`the run ended before its ${role} could be killed`)
    process.kill(first.pid, 'SIGKILL')
    return first
  } finally {
    await leave()
  }
}

const noteSchema = z.object({ role: roleNameSchema, pid: z.number().int() })

/** Leases of origins say no role. */
function noteIn(value: string): z.infer<typeof noteSchema> | undefined {
  try {
    return noteSchema.safeParse(JSON.parse(value)).data
  } catch {
    return undefined
  }
}

/** Milliseconds, the longest of the run in which no turn was committed by anybody but the origin. */
export function longestPause({ startMs, endMs, turns, over }: Story): number {
  const moments = turns
    .filter(({ conversation }) => conversation.role !== ORIGIN_ROLE)
    .map(({ node }) => node.endMs)
    .sort((a, b) => a - b)
  const all = [startMs, ...moments, over?.node.startMs ?? endMs]
  return Math.max(...all.slice(1).map((moment, index) => moment - all[index]!))
}
