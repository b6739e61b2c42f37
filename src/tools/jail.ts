/**
 * The jail on disk: where a path of a tree lies below a root, once every link on the way is followed. What `treePath`
 * refuses by its text alone does not come here.
 *
 * The answer holds as long as nobody changes the links meanwhile: give code that may do so a directory of its own.
 */
import { lstat, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { ToolError } from './tool.ts'
import type { TreePath } from './tree.ts'

/**
 * The real, absolute location of a path that may not exist yet.
 * @throws ToolError `tool.jail` where a link leads out of the root, or nowhere
 */
export async function locate(root: string, path: TreePath): Promise<string> {
  const home = await realpath(root)
  const target = join(home, path)
  const { named, real } = await deepestExisting(target, path)
  const located = join(real, relative(named, target))
  if (isInside(home, located)) return located
  throw new ToolError('jail', `"${path}" leads out of the workspace through a link: choose another path`)
}

/** Whether a real path is the root or lies below it. */
export function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

async function deepestExisting(target: string, path: TreePath): Promise<{ named: string; real: string }> {
  for (let named = target; ; named = dirname(named)) {
    try {
      return { named, real: await realpath(named) }
    } catch (cause) {
      // A link that leads nowhere exists, and a write would follow it. The root exists, so the loop ends.
      if (await exists(named)) throw new ToolError('jail', `"${path}" is a link to nowhere`, { cause })
    }
  }
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )
