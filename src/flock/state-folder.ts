/** The state folder of a project, `.skein`: the private server, the runs and the logs. Nothing of it is for git. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { RunId } from '../../protocols/ids.ts'
import { FlockError } from './errors.ts'

export const STATE_FOLDER = '.skein'

/** Where a run's results are kept. */
export const runFolder = (stateDir: string, run: RunId): string => join(resolve(stateDir), 'runs', run)

/** Where the processes of a run write their logs. */
export const logFolder = (stateDir: string, run: RunId): string => join(resolve(stateDir), 'logs', run)

/** Makes the folder, where there is none. @throws FlockError `flock.state` */
export async function makeStateFolder(stateDir: string): Promise<void> {
  try {
    await mkdir(stateDir, { recursive: true })
    await writeFile(join(stateDir, '.gitignore'), '*\n')
  } catch (cause) {
    throw new FlockError(
      'state',
      `"${stateDir}" cannot be written to (${(cause as Error).message}): choose another state folder`,
      { cause },
    )
  }
}
