/**
 * What a private server leaves for others to find: where it listens, its token, its process. The file is readable by
 * its owner only, and replaced whole. Written under the server's lock, read by anybody.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { EmbeddedNatsError } from './errors.ts'

const serverStateSchema = z.object({
  pid: z.int().positive(),
  start: z.string(),
  token: z.string(),
  /** Absent until it listens. */
  url: z.string().optional(),
})

/** The server's process (an incarnation), and how to reach it. */
export type ServerState = Readonly<z.infer<typeof serverStateSchema>>

const pathIn = (folder: string) => join(folder, 'server.json')

/** What the file says, or undefined where there is none. @throws EmbeddedNatsError `embedded.state` */
export async function readState(folder: string): Promise<ServerState | undefined> {
  const path = pathIn(folder)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw unreadable(path, error)
  })
  if (text === undefined) return undefined
  try {
    return serverStateSchema.parse(JSON.parse(text))
  } catch (error) {
    throw unreadable(path, error)
  }
}

export async function writeState(folder: string, state: ServerState): Promise<void> {
  const fresh = `${pathIn(folder)}.new`
  await writeFile(fresh, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  await rename(fresh, pathIn(folder))
}

export async function removeState(folder: string): Promise<void> {
  await rm(pathIn(folder), { force: true })
}

function unreadable(path: string, cause: unknown): EmbeddedNatsError {
  const text = `"${path}" does not say where a server is: end the nats-server of this folder and remove the file`
  return new EmbeddedNatsError('state', text, { cause })
}
