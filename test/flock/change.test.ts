import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { applyChange, keepChange } from '../../src/flock/change.ts'
import { folderBlobs } from '../../src/flock/folder-blobs.ts'
import { importDirectory } from '../../src/tools/directory.ts'
import { temporaryFolder } from './clerks.ts'

type Files = Readonly<Record<string, string>>

async function folderOf(files: Files): Promise<string> {
  const folder = await temporaryFolder()
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

const BEFORE = { 'keep.txt': 'kept', 'src/old.js': 'old', 'gone/deep/file.js': 'gone' }
const AFTER = { 'keep.txt': 'kept', 'src/old.js': 'new', 'src/more/new.js': 'fresh' }

async function kept(before: Files = BEFORE, after: Files = AFTER) {
  const blobs = folderBlobs(await temporaryFolder())
  const workspace = await folderOf(before)
  const base = await importDirectory(blobs, workspace)
  const result = await importDirectory(blobs, await folderOf(after))
  const change = join(await temporaryFolder(), 'change')
  const any = await keepChange(change, blobs, base.hash, result.hash)
  return { workspace, change, any, read: (path: string) => readFile(join(workspace, path), 'utf8') }
}

describe('a change that was kept', () => {
  it('writes what is new, changes what was old, and removes what is gone with its empty folders', async () => {
    const { workspace, change, read } = await kept()
    expect(await applyChange(change, workspace)).toEqual([
      'gone/deep/file.js',
      'src/more/new.js',
      'src/old.js',
    ])
    expect(await read('src/old.js')).toBe('new')
    expect(await read('src/more/new.js')).toBe('fresh')
    await expect(stat(join(workspace, 'gone'))).rejects.toThrow('ENOENT')
  })

  it('is none where nothing changed', async () => {
    expect((await kept(BEFORE, BEFORE)).any).toBe(false)
  })

  it('can be applied again, and changes nothing then', async () => {
    const { workspace, change, read } = await kept()
    await applyChange(change, workspace)
    await applyChange(change, workspace)
    expect(await read('src/old.js')).toBe('new')
  })

  it('is refused with the names of the files that somebody changed, and writes nothing', async () => {
    const { workspace, change, read } = await kept()
    await writeFile(join(workspace, 'src/old.js'), 'mine')
    const applying = applyChange(change, workspace)
    await expect(applying).rejects.toMatchObject({ code: 'flock.changed' })
    await expect(applying).rejects.toThrow('src/old.js')
    expect(await read('gone/deep/file.js')).toBe('gone')
    await expect(read('src/more/new.js')).rejects.toThrow('ENOENT')
  })

  it('is refused where a new file would replace one that somebody made meanwhile', async () => {
    const { workspace, change } = await kept()
    await mkdir(join(workspace, 'src/more'))
    await writeFile(join(workspace, 'src/more/new.js'), 'mine')
    await expect(applyChange(change, workspace)).rejects.toThrow('src/more/new.js')
  })

  it('is refused where what is in the place of a file cannot be read as one, and writes nothing', async () => {
    const { workspace, change, read } = await kept()
    await mkdir(join(workspace, 'src/more/new.js'), { recursive: true })
    await expect(applyChange(change, workspace)).rejects.toMatchObject({ code: 'flock.unreadable' })
    expect(await read('src/old.js')).toBe('old')
  })

  it('removes nothing where it could not write all', async () => {
    const { workspace, change, read } = await kept()
    const { written } = JSON.parse(await readFile(join(change, 'change.json'), 'utf8'))
    await rm(join(change, written))
    await expect(applyChange(change, workspace)).rejects.toThrow()
    expect(await read('gone/deep/file.js')).toBe('gone')
  })

  it('does not care about files that it is not about', async () => {
    const { workspace, change, read } = await kept()
    await writeFile(join(workspace, 'keep.txt'), 'mine')
    await applyChange(change, workspace)
    expect(await read('keep.txt')).toBe('mine')
  })

  it('is not written through a link', async () => {
    const { workspace, change } = await kept()
    await rm(join(workspace, 'src/old.js'))
    await writeFile(join(workspace, 'elsewhere.js'), 'old')
    await symlink('../elsewhere.js', join(workspace, 'src/old.js'))
    await expect(applyChange(change, workspace)).rejects.toMatchObject({ code: 'flock.link' })
  })

  it('says that the workspace is gone', async () => {
    const { change } = await kept()
    await expect(applyChange(change, '/nowhere')).rejects.toMatchObject({ code: 'flock.no-workspace' })
  })

  it('carries the executable bit', async () => {
    const blobs = folderBlobs(await temporaryFolder())
    const [workspace, after] = [await folderOf({ 'run.sh': 'true' }), await folderOf({ 'run.sh': 'true' })]
    await chmod(join(after, 'run.sh'), 0o755)
    const change = join(await temporaryFolder(), 'change')
    const [base, result] = [await importDirectory(blobs, workspace), await importDirectory(blobs, after)]
    expect(await keepChange(change, blobs, base.hash, result.hash)).toBe(true)
    await applyChange(change, workspace)
    expect((await stat(join(workspace, 'run.sh'))).mode & 0o111).not.toBe(0)
  })
})
