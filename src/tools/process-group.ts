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
