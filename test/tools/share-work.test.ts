import { describe, expect, it } from 'vitest'
import { previewOf } from '../../src/tools/preview.ts'
import { shareWork } from '../../src/tools/share-work.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { readTree } from '../../src/tools/tree.ts'
import { aContext, type Files, filesOf, storedTree } from './workspace.ts'

const FIRST: Files = { a: 'a\n', b: 'b\n' }

/** Conversations of one run that share their work with it. */
async function sharing() {
  const context = await aContext({ workspace: FIRST })
  const { blobs, tree: first } = context
  const share = async (conversation: string, work: Files, base: string | null = null) => {
    const tree = await storedTree(blobs, work)
    const input = { base: base as typeof first | null } as never
    const outcome = await shareWork.run(input, { ...context, conversation, base: first, tree })
    return { ...outcome.output, files: await filesOf(blobs, await readTree(blobs, outcome.tree!)) }
  }
  return { context, share }
}

describe('share_work', () => {
  it('begins with the head: the workspace before any work, or what was merged meanwhile', async () => {
    const { context, share } = await sharing()
    expect(await share('one', FIRST)).toEqual({ head: context.tree, overlap: [], files: FIRST })
    const { head } = await share('one', { ...FIRST, a: 'A\n' })
    expect(await share('two', FIRST)).toEqual({ head, overlap: [], files: { ...FIRST, a: 'A\n' } })
  })

  it('goes on with the head that the work is in', async () => {
    const { share } = await sharing()
    await share('one', { ...FIRST, a: 'A\n' })
    const { head, files, overlap } = await share('two', { ...FIRST, b: 'B\n' })
    expect({ files, overlap }).toEqual({ files: { a: 'A\n', b: 'B\n' }, overlap: [] })
    expect((await share('three', FIRST)).head).toBe(head)
  })

  it('leaves the head as it is where the work overlaps with it, and puts the rest of the work on top', async () => {
    const { share } = await sharing()
    const { head } = await share('one', { ...FIRST, a: 'A\n' })
    const { overlap, files, ...two } = await share('two', { a: 'other\n', b: 'B\n', c: 'new\n' })
    expect({ overlap, files }).toEqual({ overlap: ['a'], files: { a: 'A\n', b: 'B\n', c: 'new\n' } })
    expect(two.head).toBe(head)
    const again = await share('two', files, two.head)
    expect(again).toMatchObject({ overlap: [], files })
  })

  it('takes work for new that begins elsewhere, though its tree was merged before', async () => {
    const { share } = await sharing()
    await share('other', { ...FIRST, b: 'B\n' })
    const work = { ...FIRST, a: 'A\n' }
    const { head, files } = await share('one', work)
    expect(files).toEqual({ a: 'A\n', b: 'B\n' })
    expect((await share('one', work, head)).files).toEqual(work)
  })

  it('says that there is no workspace', async () => {
    const { context } = await sharing()
    const none = { ...context, tree: undefined, base: undefined }
    await expect(shareWork.run({ base: null }, none)).rejects.toMatchObject({ code: 'tool.no-workspace' })
  })

  it('shows whoever has to approve it what it would bring into the head', async () => {
    const { context } = await sharing()
    const shown = (tree: typeof context.tree) =>
      previewOf(shareWork as unknown as Tool, { base: null }, { ...context, base: context.tree, tree })
    expect((await shown(context.tree))?.text).toContain('nothing is changed yet')
    const preview = await shown(await storedTree(context.blobs, { ...FIRST, a: 'A\n' }))
    expect(preview?.text).toMatch(/^merges work into the head of the run: 1 file, \+1 −1\n/)
    expect(preview?.patch).toContain('-a\n+A\n')
  })
})
