import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clashes, isReserved, readTree, treePath, withFile, writeTree } from '../../src/tools/tree.ts'
import { aBus, storedTree, treeWith } from './workspace.ts'

describe('treePath', () => {
  it.each([
    ['src/index.js', 'src/index.js'],
    ['./src//index.js', 'src/index.js'],
    ['a..b/..c', 'a..b/..c'],
    ['grüße 你好.md', 'grüße 你好.md'],
    ['.github/x.yml', '.github/x.yml'],
  ])('takes %j as %j', (given, path) => {
    expect(treePath(given)).toBe(path)
  })

  it.each([
    ['what leads upwards', '../up'],
    ['what leads upwards in between', 'a/../../b'],
    ['what leads upwards and back', 'a/..'],
    ['an absolute path', '/etc/passwd'],
    ['a backslash', 'a\\b'],
    ['a NUL', 'a\0b'],
    ['nothing', ''],
    ['the root', './'],
    ['a hook of git', '.git/hooks/pre-commit'],
    ['.git in other letters', 'sub/.GIT/config'],
    ['an installed package', 'node_modules/x/index.js'],
    ['our own files', '.skein/state'],
    ['half a surrogate pair', 'a\ud800'],
    ['a name that no disk takes', 'x'.repeat(256)],
    ['a path that no disk takes', `${'x'.repeat(100)}/`.repeat(11)],
  ])('refuses %s and quotes it', (_, given) => {
    expect(() => treePath(given)).toThrow(expect.objectContaining({ code: 'tool.jail' }))
    expect(() => treePath(given)).toThrow(JSON.stringify(given))
  })

  it('gives a path that stays below the root and is its own normal form, or throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', 'a', '\\', '\0', 'ü') }), (text) => {
        let path: string
        try {
          path = treePath(text)
        } catch {
          return
        }
        expect(treePath(path)).toBe(path)
        const depths = path.split('/').map((segment) => segment !== '..' && segment !== '.' && segment !== '')
        expect(depths).not.toContain(false)
      }),
    )
  })
})

describe('a tree', () => {
  it('comes back as it was stored', async () => {
    const { blobs } = aBus()
    const tree = await treeWith(blobs, {
      'b.js': 'b',
      'a/run.sh*': '#!',
      '10': 'x',
      '9': 'y',
      __proto__x: 'z',
    })
    const back = await readTree(blobs, await writeTree(blobs, tree))
    expect(new Map(back)).toEqual(tree)
  })

  it('has the same hash whatever order its files came in', async () => {
    const { blobs } = aBus()
    const one = await storedTree(blobs, { a: '1', 'a-b': '2', 'c/d': '3' })
    const other = await storedTree(blobs, { 'c/d': '3', 'a-b': '2', a: '1' })
    expect(other).toBe(one)
    expect(await storedTree(blobs, { 'a*': '1', 'a-b': '2', 'c/d': '3' })).not.toBe(one)
  })

  it('is not changed by a write or a removal, which give another one', async () => {
    const { blobs } = aBus()
    const tree = await treeWith(blobs, { a: '1' })
    const [, entry] = [...tree][0]!
    expect([...withFile(tree, treePath('b'), entry).keys()]).toEqual(['a', 'b'])
    expect([...tree.keys()]).toEqual(['a'])
  })

  it('holds no file below a file', async () => {
    const { blobs } = aBus()
    const tree = await treeWith(blobs, { 'a/b': '1' })
    const entry = tree.get(treePath('a/b'))!
    expect(() => withFile(tree, treePath('a'), entry)).toThrow(
      expect.objectContaining({ code: 'tool.clash' }),
    )
    expect(() => withFile(tree, treePath('a/b/c/d'), entry)).toThrow('"a/b" and "a/b/c/d"')
    expect(clashes(withFile(tree, treePath('a-b'), entry))).toEqual([])
  })

  it.each([
    ['not JSON', '{'],
    ['another version', '{"version":2,"files":[]}'],
    ['a path that leads out', `{"version":1,"files":[["../x","file","${'0'.repeat(64)}"]]}`],
    ['a path that is not normal', `{"version":1,"files":[["./x","file","${'0'.repeat(64)}"]]}`],
    [
      'a path twice',
      `{"version":1,"files":[["x","file","${'0'.repeat(64)}"],["x","file","${'1'.repeat(64)}"]]}`,
    ],
    [
      'a file below a file',
      `{"version":1,"files":[["x","file","${'0'.repeat(64)}"],["x/y","file","${'1'.repeat(64)}"]]}`,
    ],
  ])('is not read from %s', async (_, text) => {
    const { blobs } = aBus()
    const hash = await blobs.put(Buffer.from(text))
    await expect(readTree(blobs, hash)).rejects.toMatchObject({ code: 'invalid.tree' })
  })

  it('that is gone from the bus is told by its hash', async () => {
    const hash = await storedTree(aBus().blobs, { a: '1' })
    await expect(readTree(aBus().blobs, hash)).rejects.toMatchObject({ code: 'blob.missing' })
    await expect(readTree(aBus().blobs, hash)).rejects.toThrow(hash)
  })

  it('keeps out what belongs to a machine', () => {
    expect(['.git', 'node_modules', '.skein', '.Git'].every(isReserved)).toBe(true)
    expect(['.gitignore', 'git', 'modules'].some(isReserved)).toBe(false)
  })
})
