/**
 * A folder of claims: an empty file for each process that says "I am here", named after the process. Locks and the
 * users of a server are both made of it. A crash leaves no mess: a claim ends with its process.
 *
 * - C1 A name is never used twice, so that removing a dead claim cannot hit a living one.
 * - C2 A claim is made whole, since all it says is in its name; of two processes that claim and then list, at
 *   least one sees the other.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Random } from '../time/random.ts'
import { lives, ownIncarnation } from './incarnation.ts'

export type Claim = {
  readonly name: string
  drop(): Promise<void>
}

/** Claims for this process, which may hold several. */
export async function claim(folder: string, random: Random): Promise<Claim> {
  const { pid, start } = await ownIncarnation()
  const name = `${pid}-${start}-${random.hex(8)}` // C1
  const path = join(folder, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(path, '', { flag: 'wx', mode: 0o600 }) // C2
  return { name, drop: () => rm(path, { force: true }) }
}

/** The process that made a claim, for people. */
export const pidOf = (name: string): string => name.slice(0, name.indexOf('-'))

/** The names of the claims whose processes live. Removes the others. */
export async function livingClaims(folder: string): Promise<string[]> {
  const living: string[] = []
  for (const name of await namesIn(folder)) {
    const [, pid, start] = /^(\d+)-(\d+)-[0-9a-f]+$/.exec(name) ?? []
    if (pid === undefined || start === undefined) continue
    if (await lives({ pid: Number(pid), start })) living.push(name)
    else await rm(join(folder, name), { force: true })
  }
  return living
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
