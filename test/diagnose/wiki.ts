/** A small workspace of pages, and tools that write, check and compare them: work that can be verified, or not. */
import { z } from 'zod'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../../src/bus/blobs.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { sleep } from '../../src/time/clock.ts'
import { decodeText, encodeText } from '../../src/tools/text.ts'
import { defineTool } from '../../src/tools/tool.ts'
import { readBlob, readTree, treePath, withFile, writeTree } from '../../src/tools/tree.ts'

async function written(blobs: Blobs, tree: BlobHash, path: string, text: string): Promise<BlobHash> {
  const hash = await blobs.put(encodeText(text))
  return writeTree(blobs, withFile(await readTree(blobs, tree), treePath(path), { hash, mode: 'file' }))
}

/** The pages that a run begins with. */
export async function prepareWiki({ blobs }: Pick<Bus, 'blobs'>) {
  const empty = await writeTree(blobs, new Map())
  return { base: await written(blobs, empty, 'index.md', '# Wiki\n') }
}

/** Writes one page. */
export const writePage = defineTool({
  name: 'write_page',
  description: 'writes a page',
  input: z.object({ page: z.string(), text: z.string() }),
  output: z.object({ written: z.string() }),
  async run({ page, text }, { blobs, tree, clock, signal }) {
    await sleep(clock, 300, signal)
    return { output: { written: page }, tree: await written(blobs, tree!, page, text) }
  },
})

/** Fails where a page has something left to do in it. */
export const checkPages = defineTool({
  name: 'check_pages',
  description: 'checks that every page is finished',
  input: z.object({}),
  output: z.object({ unfinished: z.array(z.string()) }),
  async run(_, { blobs, tree, clock, signal }) {
    await sleep(clock, 900, signal)
    const unfinished: string[] = []
    for (const [path, { hash }] of await readTree(blobs, tree!))
      if (decodeText(await readBlob(blobs, hash))?.includes('TODO')) unfinished.push(path)
    return { output: { unfinished }, check: unfinished.length === 0 ? 'passed' : 'failed' }
  },
})

/** Reads one page. */
export const readPage = defineTool({
  name: 'read_page',
  description: 'reads a page',
  input: z.object({ page: z.string() }),
  output: z.object({ text: z.string() }),
  async run({ page }, { blobs, tree, clock, signal }) {
    await sleep(clock, 150, signal)
    const entry = (await readTree(blobs, tree!)).get(treePath(page))
    return { output: { text: entry ? (decodeText(await readBlob(blobs, entry.hash)) ?? '') : '' } }
  },
})
