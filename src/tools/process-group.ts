/** Ending a process group: politely first, and not for ever. */
import { readdir, readFile } from 'node:fs/promises'
import { type Clock, sleep } from '../time/clock.ts'

/** Time between the polite signal and the other one, in milliseconds. */
export const GRACE_MS = 1_000
/** How often the group is looked at in that time. */
const POLL_MS = 20

/** Ends all that is left of a group: at once where it is empty, after a grace period at the latest. */
export async function endGroup(group: number, clock: Clock): Promise<void> {
  if (!signalGroup(group, 'SIGTERM')) return
  const startedAt = clock.now()
  // To look at all processes may take longer than to wait, on a machine that is busy.
  for (let waited = 0; Math.max(waited, clock.now() - startedAt) < GRACE_MS; waited += POLL_MS) {
    if (await isDead(group)) return
    await sleep(clock, POLL_MS)
    if (!signalGroup(group, 0)) return
  }
  signalGroup(group, 'SIGKILL')
}

/** What ends a process that listens to none of them, without the event `exit`. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Marks our listeners, whichever copy of this module they are of: those of others decide what becomes of the process. */
const OURS = Symbol.for('skein.ends-groups')

/** Groups that do not outlive this process. State of the module, as its listeners are state of the process. */
const groups = new Set<number>()

const endAll = () => {
  for (const group of groups) signalGroup(group, 'SIGKILL')
}

const atSignal = Object.assign(
  (signal: NodeJS.Signals) => {
    if (process.listeners(signal).some((listener) => !(OURS in listener))) return
    endAll()
    groups.clear()
    listen(false)
    // As it would have ended without us.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  },
  { [OURS]: true },
)

function listen(isOn: boolean): void {
  const act = isOn ? 'on' : 'removeListener'
  process[act]('exit', endAll)
  for (const signal of ENDING) process[act](signal, atSignal)
}

/**
 * Ends the group with this process, whatever ends that, but for SIGKILL: a program that nobody waits for any more would
 * stay. Where others listen to a signal, it ends when they end the process.
 * @returns what calls it off
 */
export function endWithProcess(group: number): () => void {
  if (groups.size === 0) listen(true)
  groups.add(group)
  return () => {
    if (groups.delete(group) && groups.size === 0) listen(false)
  }
}

/** Whether there was anybody to signal: macOS answers EPERM where only zombies are left. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}

/** Whether only zombies are left, which Linux signals as if they lived: whoever collects orphans may take its time. */
async function isDead(group: number): Promise<boolean> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name))
  const states = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      // The name in between may have any character.
      const [state = '', , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(itsGroup) === group ? state : ''
    }),
  )
  const members = states.filter((state) => state !== '') // of macOS none is known
  return pids.length > 0 && members.every((state) => state === 'Z' || state === 'X')
}
