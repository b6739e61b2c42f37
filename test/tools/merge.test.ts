import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Merge, mergeTrees } from '../../src/tools/merge.ts'
import { aBus, type Files, filesOf, treeWith } from './workspace.ts'

async function merge(base: Files, ours: Files, theirs: Files): Promise<Merge & { files?: Files }> {
  const { blobs } = aBus()
  const merged = await mergeTrees(blobs, {
    base: await treeWith(blobs, base),
    ours: await treeWith(blobs, ours),
    theirs: await treeWith(blobs, theirs),
  })
  return merged.kind === 'merged' ? { ...merged, files: await filesOf(blobs, merged.tree) } : merged
}

const lines = (...given: string[]) => given.map((line) => `${line}\n`).join('')

describe('mergeTrees', () => {
  it('takes from each side the files that it alone changed, added or deleted', async () => {
    const base = { same: '', ours: '1', theirs: '1', 'gone-ours': '', 'gone-theirs': '' }
    const { files } = await merge(
      base,
      { same: '', ours: '2', theirs: '1', 'gone-theirs': '', 'new-ours': 'o' },
      { same: '', ours: '1', theirs: '2', 'gone-ours': '', 'new-theirs': 't' },
    )
    expect(files).toEqual({ same: '', ours: '2', theirs: '2', 'new-ours': 'o', 'new-theirs': 't' })
  })

  it('merges the lines of a file that both sides changed in different places', async () => {
    const { files } = await merge(
      { f: lines('1', '2', '3', '4', '5') },
      { f: lines('one', '2', '3', '4', '5') },
      { f: lines('1', '2', '3', '4', 'five', 'six') },
    )
    expect(files).toEqual({ f: lines('one', '2', '3', '4', 'five', 'six') })
  })

  it('takes what both sides did alike once', async () => {
    const { files } = await merge(
      { f: lines('1', '2', '3'), both: '', gone: '' },
      { f: lines('x', '2', '3'), both: 'new', added: 'a' },
      { f: lines('x', '2', 'y'), both: 'new', added: 'a' },
    )
    expect(files).toEqual({ f: lines('x', '2', 'y'), both: 'new', added: 'a' })
  })

  it('shows both versions of lines that both sides changed', async () => {
    const merged = await merge(
      { f: lines('1', '2', '3') },
      { f: lines('1', 'ours', '3') },
      { f: lines('1', 'theirs', '3') },
    )
    expect(merged).toEqual({
      kind: 'overlap',
      conflicts: [
        {
          path: 'f',
          reason: 'lines',
          text: lines(
            '1',
            '<<<<<<< ours',
            'ours',
            '||||||| base',
            '2',
            '=======',
            'theirs',
            '>>>>>>> theirs',
            '3',
          ),
        },
      ],
    })
  })

  it('keeps markers on lines of their own where the last line has no end', async () => {
    const merged = await merge({ f: 'a' }, { f: 'b' }, { f: 'c' })
    expect(merged).toMatchObject({
      conflicts: [
        { text: lines('<<<<<<< ours', 'b', '||||||| base', 'a', '=======', 'c', '>>>>>>> theirs') },
      ],
    })
  })

  it('keeps line ends and a missing last one as they are', async () => {
    const { files } = await merge({ f: '1\r\n2\r\n3' }, { f: 'one\r\n2\r\n3' }, { f: '1\r\n2\r\n3\n4' })
    expect(files).toEqual({ f: 'one\r\n2\r\n3\n4' })
  })

  it.each([
    ['added', { base: {}, ours: { f: 'a' }, theirs: { f: 'b' } }],
    ['deleted', { base: { f: 'a' }, ours: {}, theirs: { f: 'b' } }],
    ['deleted', { base: { f: 'a' }, ours: { f: 'b' }, theirs: {} }],
    ['deleted', { base: { f: 'a' }, ours: { 'f*': 'a' }, theirs: {} }],
    ['binary', { base: { f: 'a\0' }, ours: { f: 'b\0' }, theirs: { f: 'c\0' } }],
    ['binary', { base: {}, ours: { f: Buffer.from([255]) }, theirs: { f: Buffer.from([254]) } }],
  ] as const)('calls it a conflict, %s, where %j', async (reason, { base, ours, theirs }) => {
    expect(await merge(base, ours, theirs)).toMatchObject({
      kind: 'overlap',
      conflicts: [{ path: 'f', reason }],
    })
  })

  it('calls it a conflict where a file of one side is a folder of the other', async () => {
    const merged = await merge({}, { f: 'file' }, { 'f/g': 'below' })
    expect(merged).toEqual({ kind: 'overlap', conflicts: [{ path: 'f/g', reason: 'folder' }] })
  })

  it('takes a binary file that one side changed, or both alike', async () => {
    const { files } = await merge({ f: 'a\0', g: 'a\0' }, { f: 'b\0', g: 'a\0' }, { f: 'b\0', g: 'c\0' })
    expect(files).toEqual({ f: 'b\0', g: 'c\0' })
  })

  it('merges the executable bit apart from the content', async () => {
    const { files } = await merge({ f: 'a', g: 'a' }, { 'f*': 'a', g: 'a' }, { f: 'b', 'g*': 'b' })
    expect(files).toEqual({ 'f*': 'b', 'g*': 'b' })
  })

  it('does not compare the lines of a file beyond all measure', async () => {
    const long = 'x\n'.repeat(20_001)
    expect(await merge({ f: long }, { f: `a\n${long}` }, { f: `${long}b\n` })).toEqual({
      kind: 'overlap',
      conflicts: [{ path: 'f', reason: 'lines' }],
    })
  })

  it('gives a side back where the other did nothing, and the same for either order of the sides', async () => {
    const content = fc.stringMatching(/^[ab\n]{0,6}$/)
    const some = fc.dictionary(fc.constantFrom('f', 'g', 'd/h'), content, { noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(some, some, some, async (base, one, other) => {
        expect((await merge(base, one, base)).files).toEqual((await merge(one, one, one)).files)
        const [there, back] = [await merge(base, one, other), await merge(base, other, one)]
        expect(back.kind).toBe(there.kind)
        if (there.kind === 'merged') expect(back.files).toEqual(there.files)
      }),
    )
  })
})
