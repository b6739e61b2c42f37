/**
 * The scope of a piece of work: which files it may change, and undoing what it changed besides. It holds for whatever
 * tool changed them, since it looks at trees.
 */
import { ToolError } from './tool.ts'
import { type Tree, type TreePath, treePath } from './tree.ts'

/** Files that differ between two trees, sorted: other content, another mode, there or not. */
export const changedPaths = (before: Tree, after: Tree): TreePath[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => {
      const [old, now] = [before.get(path), after.get(path)]
      return old?.hash !== now?.hash || old?.mode !== now?.mode
    })
    .sort()

/** @param files paths from the root; one that ends with "/" stands for all below it */
export const isInScope = (files: readonly string[], path: TreePath): boolean =>
  files.some((file) => (file.endsWith('/') ? path.startsWith(`${treePath(file)}/`) : path === treePath(file)))

/** @param allow whether an agent may change a path. @throws ToolError `tool.forbidden` */
export function assureOwn(path: TreePath, allow: (path: TreePath) => boolean): void {
  if (!allow(path)) throw new ToolError('forbidden', `"${path}" is not yours to change: leave it as it is`)
}

/** Why a text cannot be an entry of a scope, or undefined. */
export function scopeProblem(file: string): string | undefined {
  if (/[*?]/.test(file)) return `"${file}" has a wildcard in it: name files, or a folder with "/" at its end`
  try {
    treePath(file)
    return undefined
  } catch (error) {
    if (error instanceof ToolError) return error.message
    throw error
  }
}

/** The tree as it would be without the changes outside of the scope. */
export function withinScope(
  before: Tree,
  after: Tree,
  files: readonly string[],
): { readonly tree: Tree; readonly outside: readonly TreePath[] } {
  const outside = changedPaths(before, after).filter((path) => !isInScope(files, path))
  return { tree: withoutChanges(before, after, outside), outside }
}

/** The tree as it would be if these files had been left alone. */
export function withoutChanges(before: Tree, after: Tree, paths: readonly TreePath[]): Tree {
  const tree = new Map(after)
  for (const path of paths) {
    const old = before.get(path)
    if (old === undefined) tree.delete(path)
    else tree.set(path, old)
  }
  return tree
}
