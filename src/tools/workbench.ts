/**
 * A workbench: a checkout of a tree in a fresh directory, with a home for the commands that run in it, for as long as
 * one piece of work takes. What commands change there is thrown away with it;
 * what they change in a linked `node_modules` is not, since that is the workspace's own; in a sandbox they cannot.
 */
import { mkdir, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import { checkout } from './directory.ts'
import { isInside } from './jail.ts'

export type Workbench = {
  /** The checkout. */
  readonly directory: string
  /** HOME and TMPDIR of commands. */
  readonly home: string
  /** What else of this machine commands have to read: the linked `node_modules`, and what it links to. */
  readonly readable: readonly string[]
}

export type WorkbenchOptions = {
  readonly blobs: Blobs
  readonly tree: BlobHash
  /** Where to make it: `ToolContext.scratch`. */
  readonly scratch: string
  /** A `node_modules` of this machine to link in: `ToolContext.nodeModules`. */
  readonly nodeModules?: string | undefined
}

/** Sets one up, works at it, and clears it away however the work ended. */
export async function atWorkbench<Result>(
  { blobs, tree, scratch, nodeModules }: WorkbenchOptions,
  work: (bench: Workbench) => Promise<Result>,
): Promise<Result> {
  const bench = await mkdtemp(join(scratch, 'bench-'))
  try {
    const directory = join(bench, 'workspace')
    const home = join(bench, 'home')
    await mkdir(home)
    await checkout(blobs, tree, directory)
    if (nodeModules !== undefined) await symlink(nodeModules, join(directory, 'node_modules'), 'dir')
    return await work({ directory, home, readable: await packagesIn(nodeModules) })
  } finally {
    // Where checking out failed, other files of it may still be on their way.
    await rm(bench, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** A `node_modules`, and the packages outside of it that it has links to, as the workspaces of a monorepo are. */
async function packagesIn(nodeModules: string | undefined): Promise<string[]> {
  if (nodeModules === undefined) return []
  const root = await realpath(nodeModules)
  const linked: string[] = []
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isSymbolicLink()) linked.push(await realpath(join(folder, entry.name)).catch(() => root))
      else if (entry.isDirectory() && entry.name.startsWith('@')) await look(join(folder, entry.name))
    }
  }
  await look(root)
  return [nodeModules, ...new Set(linked.filter((path) => !isInside(root, path)))]
}
