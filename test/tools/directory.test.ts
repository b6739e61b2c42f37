import { lstat, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Blobs } from '../../src/bus/blobs.ts'
import { checkout, importDirectory } from '../../src/tools/directory.ts'
import { aBus, aDirectory, type Files, filesOf, storedTree } from './workspace.ts'

async function imported(files: Files): Promise<string[]> {
  const { tree } = await importDirectory(aBus().blobs, await aDirectory(files))
  return [...tree.keys()].sort()
}

describe('importDirectory', () => {
  it('reads files, their content and the executable bit', async () => {
    const { blobs } = aBus()
    const { hash, tree } = await importDirectory(
      blobs,
      await aDirectory({ 'a.js': 'a\n', 'bin/run*': '#!/bin/sh\n' }),
    )
    expect(await filesOf(blobs, tree)).toEqual({ 'a.js': 'a\n', 'bin/run*': '#!/bin/sh\n' })
    expect(hash).toBe(await storedTree(blobs, { 'a.js': 'a\n', 'bin/run*': '#!/bin/sh\n' }))
  })

  it('leaves out what .gitignore names, at every level', async () => {
    const files = await imported({
      '.gitignore': '*.log\n/only-root\nbuild/\n',
      'a.log': '',
      'only-root': '',
      'sub/only-root': '',
      'sub/deep/b.log': '',
      'sub/build/c.js': '',
      'sub/.gitignore': 'local\n!kept.log\n',
      'sub/local': '',
      'sub/kept.log': '',
      'sub/deep/kept.log': '',
      local: '',
      'kept.log': '',
      'case.LOG': '',
    })
    expect(files).toEqual([
      '.gitignore',
      'case.LOG',
      'local',
      'sub/.gitignore',
      'sub/deep/kept.log',
      'sub/kept.log',
      'sub/only-root',
    ])
  })

  it('lets .skeinignore have the last word in its folder', async () => {
    const files = await imported({
      '.gitignore': 'a\nb\n',
      '.skeinignore': '!b\nc\n.skeinignore\n',
      a: '',
      b: '',
      c: '',
    })
    expect(files).toEqual(['.gitignore', 'b'])
  })

  it('does not read below an ignored folder, whatever is said there', async () => {
    expect(await imported({ '.gitignore': 'out\n', 'out/.gitignore': '!*\n', 'out/x': '' })).toEqual([
      '.gitignore',
    ])
  })

  it('always skips .git, node_modules and .skein', async () => {
    const files = await imported({
      '.git/HEAD': '',
      'node_modules/x/y': '',
      'sub/node_modules/z': '',
      '.skein/s': '',
      a: '',
    })
    expect(files).toEqual(['a'])
  })

  it('reads a link to a file of the import as that file, and skips every other link', async () => {
    const { blobs } = aBus()
    const outside = await aDirectory({ secret: 'secret' })
    const root = await aDirectory({ 'docs/a.md': 'A', '.env': 'key', '.gitignore': '.env\n' })
    await symlink('docs/a.md', join(root, 'inside'))
    await symlink('../docs/a.md', join(root, 'docs/inside'))
    await symlink('inside', join(root, 'link-to-link'))
    await symlink('docs', join(root, 'folder'))
    await symlink(join(outside, 'secret'), join(root, 'outside'))
    await symlink('.env', join(root, 'ignored'))
    await symlink('nothing', join(root, 'nowhere'))
    const { tree, skipped } = await importDirectory(blobs, root)
    expect(await filesOf(blobs, tree)).toEqual({
      '.gitignore': '.env\n',
      'docs/a.md': 'A',
      'docs/inside': 'A',
      inside: 'A',
      'link-to-link': 'A',
    })
    expect(skipped).toEqual(['folder', 'ignored', 'nowhere', 'outside'])
  })

  it.each([[{ maxFiles: 2, maxBytes: 1000 }], [{ maxFiles: 10, maxBytes: 5 }]])(
    'refuses a directory beyond %j',
    async (limits) => {
      const root = await aDirectory({ a: '12', b: '34', c: '56' })
      await expect(importDirectory(aBus().blobs, root, limits)).rejects.toMatchObject({
        code: 'tool.too-large',
      })
      await expect(importDirectory(aBus().blobs, root, { maxFiles: 3, maxBytes: 6 })).resolves.toBeDefined()
    },
  )

  it('says so where there is no such directory', async () => {
    const root = await aDirectory({ file: '' })
    await expect(importDirectory(aBus().blobs, join(root, 'nope'))).rejects.toMatchObject({
      code: 'tool.no-directory',
    })
    await expect(importDirectory(aBus().blobs, join(root, 'file'))).rejects.toThrow('is not a directory')
  })
})

describe('checkout', () => {
  it('gives back what was imported', async () => {
    const { blobs } = aBus()
    const files = { 'a.js': 'a', 'bin/run*': '#!', 'deep/er/b': '' }
    const directory = join(await aDirectory(), 'made/on/the/way')
    const hash = await storedTree(blobs, files)
    await checkout(blobs, hash, directory)
    expect((await importDirectory(blobs, directory)).hash).toBe(hash)
  })

  it('updates an older checkout and fetches only what differs', async () => {
    const { blobs } = aBus()
    const directory = await aDirectory()
    await checkout(blobs, await storedTree(blobs, { same: '1', text: 'old text', 'bit*': 'x' }), directory)
    const hash = await storedTree(blobs, { same: '1', text: 'new', bit: 'x' })
    const fetched: string[] = []
    const watched: Blobs = {
      put: (bytes) => blobs.put(bytes),
      get(hash) {
        fetched.push(hash)
        return blobs.get(hash)
      },
    }
    await checkout(watched, hash, directory)
    expect(fetched).toHaveLength(2) // the tree and one file
    expect(await readFile(join(directory, 'text'), 'utf8')).toBe('new')
    expect((await stat(join(directory, 'bit'))).mode & 0o111).toBe(0)
  })

  it('never writes through a link, be it the file or a folder above it', async () => {
    const { blobs } = aBus()
    const outside = await aDirectory({ target: 'untouched' })
    const hash = await storedTree(blobs, { 'a/target': 'written' })
    for (const [link, leadsTo] of [
      ['a', outside],
      ['a/target', join(outside, 'target')],
      ['a/target', join(outside, 'not-there')],
      ['a', 'b'],
    ] as const) {
      const directory = await aDirectory({ 'b/target': 'untouched' })
      if (link !== 'a') await mkdir(join(directory, 'a'))
      await symlink(leadsTo, join(directory, link))
      await expect(checkout(blobs, hash, directory)).rejects.toMatchObject({ code: 'tool.jail' })
      expect(await readFile(join(directory, 'b/target'), 'utf8')).toBe('untouched')
    }
    expect(await readFile(join(outside, 'target'), 'utf8')).toBe('untouched')
    await expect(lstat(join(outside, 'not-there'))).rejects.toThrow('ENOENT')
  })

  it('leaves alone what is not in the tree', async () => {
    const { blobs } = aBus()
    const directory = await aDirectory()
    await writeFile(join(directory, 'mine'), 'x')
    await checkout(blobs, await storedTree(blobs, { a: '1' }), directory)
    expect(await readFile(join(directory, 'mine'), 'utf8')).toBe('x')
  })
})
