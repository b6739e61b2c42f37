/** Paths that a client of `skein mcp` names: below one directory, whatever links there are. */
import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isInside } from '../../src/tools/jail.ts'
import { CliError } from '../input/error.ts'

/** Without links. @throws CliError `cli.root` */
export async function assureRoot(root: string): Promise<string> {
  const found = await stat(root).catch(() => undefined)
  if (found?.isDirectory()) return realpath(root)
  throw new CliError('root', `"${root}" is no directory: give one with --root, for work to stay in`)
}

/** An absolute path, from the root where it is none. @throws CliError `cli.outside` */
export async function insideRoot(root: string, path: string): Promise<string> {
  const wanted = resolve(root, path)
  // What does not exist is told of by whoever needs it.
  const place = await realpath(wanted).catch(() => wanted)
  if (isInside(root, place)) return place
  throw new CliError(
    'outside',
    `"${path}" is outside of "${root}", where this server may work: name a directory in it, or start the server with another --root`,
  )
}
