/** `skein clean` as people use it, on the private server when nothing runs. What it removes: `test/flock/clean`. */
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanedLine, sizeText } from '../../cli/show/cleaned.ts'
import { findEmbeddedNats } from '../../src/embedded/embedded.ts'
import { openProject, type Project } from '../e2e/project.ts'

const CLERK = fileURLToPath(new URL('../fixtures/roles/clerk.js', import.meta.url))
const NOTHING = { runs: [], records: 0, messages: 0, deadLetters: 0, blobs: 0, bytes: 0, files: [] }

let project: Project
beforeAll(async () => {
  project = await openProject()
})
afterAll(() => project.close())

const clean = (...args: readonly string[]) => project.skein(['clean', ...args]).ended

/** A folder of a run in which nothing was written for so long. */
async function folderOf(kind: 'runs' | 'logs', run: string, days: number): Promise<string> {
  const folder = join(project.stateDir, kind, run)
  const file = join(folder, 'coder-1.log')
  await mkdir(folder, { recursive: true })
  await writeFile(file, '')
  const [now, day] = [new Date(), 86_400_000]
  const then = new Date(now.getTime() - days * day)
  for (const path of [file, folder]) await utimes(path, then, then)
  return folder
}

describe('skein clean', () => {
  it('says that there is nothing to clean where no server has ever been', async () => {
    expect(await clean()).toMatchObject({ code: 2, stderr: expect.stringContaining('has no live server') })
  })

  it('starts the private server on its data, cleans, and stops it', async () => {
    const peer = project.skein(['peer', CLERK])
    await peer.says(/"ready"/)
    await peer.stop()
    expect(await clean()).toMatchObject({ code: 0, stdout: 'nothing to remove\n' })
    const { stdout } = await clean('--all', '--json')
    expect(JSON.parse(stdout)).toEqual({ dryRun: false, stopped: false, ...NOTHING })
    expect(await findEmbeddedNats(project.stateDir)).toBeUndefined()
  })

  it('leaves the files of runs alone unless it is told not to, and those that are young', async () => {
    const old = [await folderOf('runs', 'r-1', 8), await folderOf('logs', 'r-1', 8)]
    const young = await folderOf('logs', 'r-2', 6)
    expect((await clean()).stdout).toBe('nothing to remove\n')
    const would = await clean('--files', '--dry-run')
    expect(would.stdout).toBe(`would remove 2 folders of files\n${old.map((path) => `  ${path}\n`).join('')}`)
    expect(JSON.parse((await clean('--files', '--json')).stdout).files).toEqual(old)
    expect(await readdir(join(project.stateDir, 'logs'))).toEqual(['r-2'])
    expect((await clean('--run', 'r-2', '--files')).stdout).toContain(young)
    expect(await readdir(join(project.stateDir, 'logs'))).toEqual([])
  })

  it.each<[string, readonly string[], RegExp]>([
    ['a run that left nothing', ['--run', 'r-0'], /nothing is left of a run "r-0"/],
    ['all and one', ['--all', '--run', 'r-1'], /mutually exclusive/],
  ])('ends with code 2 on %s', async (_, args, expected) => {
    const { code, stdout, stderr } = await clean(...args)
    expect(stderr).toMatch(expected)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

describe('what was removed', () => {
  it('is told in a line, without what there was none of', () => {
    const some = { ...NOTHING, runs: ['r-1', 'r-2'] as never, records: 1, blobs: 1_200, bytes: 3_440_000 }
    expect(cleanedLine(some, false)).toBe('removed 2 runs, 1 record, 1,200 blobs (3.4 MB)')
    expect(cleanedLine(NOTHING, true)).toBe('nothing to remove')
  })

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_000_000, '1.0 MB'],
    [2_500_000_000_000_000, '2500.0 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text)
  })
})
