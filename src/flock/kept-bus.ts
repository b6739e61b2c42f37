/**
 * The bus for who deals with what was left on it, when nothing runs as well: a private server that has been there is
 * started once more on its data, and stopped again.
 */
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { FlockError } from './errors.ts'
import { findBus, natsUrl, type OpenBus, type OpenBusOptions, openBus } from './open-bus.ts'

/** @throws FlockError `flock.no-server` where no server has ever been; as `openBus` for a server that was named */
export async function openKeptBus(options: OpenBusOptions): Promise<OpenBus> {
  if (natsUrl(options) !== undefined || !(await hasBeenThere(options.stateDir))) return findBus(options)
  const opened = await openBus(options)
  if (opened.kind !== 'memory') return opened
  await opened.leave()
  throw new FlockError(
    'no-server',
    `what is left in "${options.stateDir}" is with its private server, which cannot be started: see "skein doctor"`,
  )
}

/** Where a private server keeps its data (`src/embedded/server.ts`). */
const hasBeenThere = (stateDir: string): Promise<boolean> =>
  access(join(resolve(stateDir), 'nats', 'data')).then(
    () => true,
    () => false,
  )
