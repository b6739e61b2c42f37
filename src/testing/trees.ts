/** Documents and workspaces of a mesh: a folder on disk, or files written down in the test. */
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'

/** Path of a folder; or texts, by path: `{ 'fees.md': '# Fees\n…' }`. */
export type Files = string | Readonly<Record<string, string>>

/** @throws ToolError `tool.no-directory`, or for a path that cannot be one of a tree */
export async function treeOf(blobs: Blobs, files: Files): Promise<BlobHash> {
  // What most tests need not is loaded by those that do.
  if (typeof files === 'string') {
    const { importDirectory } = await import('../tools/directory.ts')
    return (await importDirectory(blobs, files)).hash
  }
  const [{ encodeText }, { treePath, withFile, writeTree }] = await Promise.all([
    import('../tools/text.ts'),
    import('../tools/tree.ts'),
  ])
  let tree: Parameters<typeof withFile>[0] = new Map()
  for (const [path, text] of Object.entries(files))
    tree = withFile(tree, treePath(path), { hash: await blobs.put(encodeText(text)), mode: 'file' })
  return writeTree(blobs, tree)
}
