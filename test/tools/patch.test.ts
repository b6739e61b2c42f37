import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkout, importDirectory } from '../../src/tools/directory.ts'
import { patchBetween } from '../../src/tools/patch.ts'
import { writeTree } from '../../src/tools/tree.ts'
import { aBus, aDirectory, type Files, filesOf, treeWith } from './workspace.ts'

const APPLIERS = {
  'git apply': ['git', 'apply', '-'],
  'patch -p1': ['patch', '-p1', '--no-backup-if-mismatch'],
} as const

/** What a checkout of `before` is after the patch from there to `after` was applied to it. */
async function patched(applier: keyof typeof APPLIERS, before: Files, after: Files): Promise<Files> {
  const { blobs } = aBus()
  const [from, to] = [await treeWith(blobs, before), await treeWith(blobs, after)]
  const directory = await aDirectory()
  await checkout(blobs, await writeTree(blobs, from), directory)
  const { text } = await patchBetween(blobs, from, to)
  if (text === '') return before // git takes no empty patch
  const [program, ...args] = APPLIERS[applier]
  // Outside of a repository, so that git takes the directory as it is.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: directory, GIT_DIR: '/dev/null' }
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: directory,
    env,
    input: text,
    encoding: 'utf8',
  })
  expect(status, `${stdout}${stderr}\n${text}`).toBe(0)
  const { tree } = await importDirectory(blobs, directory)
  return filesOf(blobs, tree)
}

const long = (change: (line: number) => string | undefined) =>
  Array.from({ length: 40 }, (_, line) => `${change(line) ?? `line ${line}`}\n`).join('')

/** Not every machine has both; CI does, and misses none. */
const isHere = (applier: keyof typeof APPLIERS) =>
  process.env.CI !== undefined || spawnSync(APPLIERS[applier][0], ['--version']).error === undefined

const appliers = (Object.keys(APPLIERS) as (keyof typeof APPLIERS)[]).filter(isHere)

describe.each(appliers)('a patch, taken by %s', (applier) => {
  it.each<[string, Files, Files]>([
    ['a change', { f: 'a\nb\nc\n' }, { f: 'a\nB\nc\n' }],
    ['changes far apart', { f: long(() => undefined) }, { f: long((line) => ({ 3: 'x', 35: 'y' })[line]) }],
    ['a new file in a new folder', {}, { 'a/b/c': 'new\n' }],
    ['a deleted file', { 'a/b': 'x\ny\n', keep: '' }, { keep: '' }],
    ['a new and a deleted empty file', { old: '' }, { new: '' }],
    ['a file that becomes empty, and one that was', { f: 'x\n', g: '' }, { f: '', g: 'x\n' }],
    ['a last line without its end', { f: 'a\nb', g: 'a', h: 'a\n' }, { f: 'a\nc', g: 'a\n', h: 'a' }],
    ['a new file whose last line has no end', {}, { f: 'a\nb' }],
    ['the executable bit alone', { f: 'x\n', 'g*': 'x\n' }, { 'f*': 'x\n', g: 'x\n' }],
    ['the executable bit with a change', { f: 'x\n' }, { 'f*': 'y\n' }],
    ['a new executable', {}, { 'bin/run*': '#!/bin/sh\n' }],
    ['Windows line ends', { f: 'a\r\nb\r\n' }, { f: 'a\r\nc\r\n' }],
    [
      'lines that look like a patch',
      { f: '--- a\n+++ b\n@@ -1 +1 @@\n' },
      { f: '-- a\n+++ b\n@@ -2 +1 @@\n\n' },
    ],
    [
      'names with spaces, quotes and beyond ASCII',
      { 'a b': '1\n', 'c"d': '1\n', 'ü/你': '1\n' },
      { 'a b': '2\n', 'c"d': '2\n', 'ü/你': '2\n', 'e f': 'new\n' },
    ],
    ['a deleted file whose name has a space', { 'a b': '1\n', c: '' }, { c: '' }],
    [
      'a whole file replaced',
      { f: long((line) => `a${line}`).repeat(60) },
      { f: long((line) => `b${line}`).repeat(60) },
    ],
    [
      'another end after a whole file is replaced',
      { f: `${long((line) => `a${line}`).repeat(60)}x` },
      { f: long((line) => `b${line}`).repeat(60) },
    ],
  ])('says %s', async (_, before, after) => {
    expect(await patched(applier, before, after)).toEqual(after)
  })
})

describe('patchBetween', () => {
  it('is empty where nothing changed', async () => {
    const { blobs } = aBus()
    const tree = await treeWith(blobs, { a: '1' })
    expect(await patchBetween(blobs, tree, tree)).toEqual({ text: '', binary: [] })
  })

  it('reads like the patch that git writes', async () => {
    const { blobs } = aBus()
    const before = await treeWith(blobs, { f: 'a\nb', gone: 'x\n' })
    const after = await treeWith(blobs, { f: 'a\nc', 'new*': 'y\n' })
    expect((await patchBetween(blobs, before, after)).text).toMatchInlineSnapshot(`
      "diff --git a/f b/f
      --- a/f
      +++ b/f
      @@ -1,2 +1,2 @@
       a
      -b
      \\ No newline at end of file
      +c
      \\ No newline at end of file
      diff --git a/gone b/gone
      deleted file mode 100644
      --- a/gone
      +++ /dev/null
      @@ -1,1 +0,0 @@
      -x
      diff --git a/new b/new
      new file mode 100755
      --- /dev/null
      +++ b/new
      @@ -0,0 +1,1 @@
      +y
      "
    `)
  })

  it('lists what is not text, and leaves it out', async () => {
    const { blobs } = aBus()
    const before = await treeWith(blobs, { same: '\0', changed: 'a\0', 'was-text': 'a', bit: '\0' })
    const after = await treeWith(blobs, {
      same: '\0',
      changed: 'b\0',
      'was-text': 'a\0',
      new: '\0',
      'bit*': '\0',
      text: 'x\n',
    })
    const { text, binary } = await patchBetween(blobs, before, after)
    expect(binary).toEqual(['changed', 'new', 'was-text'])
    expect(text.match(/^diff --git .*/gm)).toEqual(['diff --git a/bit b/bit', 'diff --git a/text b/text'])
  })

  it.each<[string, Files, Files]>([
    ['a file in the place of a folder', { 'a/b': '1\n' }, { a: '2\n' }],
    ['a folder in the place of a file', { a: '1\n' }, { 'a/b': '2\n' }],
  ])('says %s to git, which alone takes it', async (_, before, after) => {
    expect(await patched('git apply', before, after)).toEqual(after)
  })

  it('gives any text back through git apply', async () => {
    const content = fc.stringMatching(/^[ab\n\r]{0,8}$/)
    const some = fc.dictionary(fc.constantFrom('f', 'g', 'd/h'), content, { noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(some, some, async (before, after) => {
        expect(await patched('git apply', before, after)).toEqual(after)
      }),
      { numRuns: 40 },
    )
  })
})
