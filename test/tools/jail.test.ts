import { realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isInside, locate } from '../../src/tools/jail.ts'
import { treePath } from '../../src/tools/tree.ts'
import { aDirectory } from './workspace.ts'

describe('locate', () => {
  it('finds what exists, and where what does not exist would be', async () => {
    const root = await realpath(await aDirectory({ 'src/a.js': '' }))
    expect(await locate(root, treePath('src/a.js'))).toBe(join(root, 'src/a.js'))
    expect(await locate(root, treePath('new/deep/b.js'))).toBe(join(root, 'new/deep/b.js'))
  })

  it('follows links that stay inside', async () => {
    const root = await realpath(await aDirectory({ 'src/a.js': '' }))
    await symlink('src', join(root, 'link'))
    expect(await locate(root, treePath('link/a.js'))).toBe(join(root, 'src/a.js'))
    expect(await locate(root, treePath('link/new.js'))).toBe(join(root, 'src/new.js'))
  })

  it('works below a root that is a link itself', async () => {
    const root = await realpath(await aDirectory({ 'a.js': '' }))
    const link = join(await aDirectory(), 'link')
    await symlink(root, link)
    expect(await locate(link, treePath('a.js'))).toBe(join(root, 'a.js'))
  })

  it.each([
    ['a file outside', 'secret', 'link'],
    ['a folder outside', '', 'link/secret'],
    ['a folder outside, for a file that is not there', '', 'link/new/file'],
  ])('refuses a link to %s', async (_, target, path) => {
    const outside = await aDirectory({ secret: 'x' })
    const root = await aDirectory()
    await symlink(join(outside, target), join(root, 'link'))
    await expect(locate(root, treePath(path))).rejects.toMatchObject({ code: 'tool.jail' })
    await expect(locate(root, treePath(path))).rejects.toThrow(path)
  })

  it('refuses a link to a sibling whose name begins like the root', async () => {
    const parent = await aDirectory({ 'root/x': '', 'root-2/secret': '' })
    await symlink('../root-2', join(parent, 'root/link'))
    await expect(locate(join(parent, 'root'), treePath('link/secret'))).rejects.toMatchObject({
      code: 'tool.jail',
    })
  })

  it('refuses a link to nowhere, which a write would follow', async () => {
    const root = await aDirectory()
    await symlink(join(root, '../not-there-yet'), join(root, 'link'))
    await expect(locate(root, treePath('link'))).rejects.toMatchObject({ code: 'tool.jail' })
    await expect(locate(root, treePath('link/below'))).rejects.toMatchObject({ code: 'tool.jail' })
  })

  it('refuses links that go round in a circle', async () => {
    const root = await aDirectory()
    await symlink('two', join(root, 'one'))
    await symlink('one', join(root, 'two'))
    await expect(locate(root, treePath('one/x'))).rejects.toMatchObject({ code: 'tool.jail' })
  })
})

describe('isInside', () => {
  it.each([
    ['/top', true],
    ['/top/a', true],
    ['/top/..a', true],
    ['/topped', false],
    ['/', false],
    ['/other', false],
  ])('says of %j below "/top": %j', (path, inside) => {
    expect(isInside('/top', path)).toBe(inside)
  })
})
