import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startSkein } from '../e2e/skein-process.ts'

let folder: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-init-')))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const init = (...args: readonly string[]) => startSkein(['init', ...args], { cwd: folder }).ended

it('makes its project in a new folder, and says what to do next', async () => {
  const { code, stdout, stderr } = await init('Some Agents')
  expect(code).toBe(0)
  expect(stdout).toContain('roles/librarian.md')
  expect(stderr).toContain("cd 'Some Agents'")
  const text = await readFile(join(folder, 'Some Agents', 'package.json'), 'utf8')
  expect(JSON.parse(text)).toMatchObject({ name: 'some-agents', type: 'module' })
  const readme = await readFile(join(folder, 'Some Agents', 'README.md'), 'utf8')
  expect(readme).toMatch(/^# some-agents\n/)
})

it('overwrites nothing, lists what is in the way, and writes none of the rest', async () => {
  await writeFile(join(folder, 'package.json'), '{}')
  await writeFile(join(folder, 'roles'), 'the roles of a play')
  const { code, stdout, stderr } = await init('--json')
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'cli.exists' } })
  expect(stderr).toContain('package.json, roles are in')
  expect((await readdir(folder)).sort()).toEqual(['package.json', 'roles'])
})

it('overwrites what it is told to', async () => {
  await writeFile(join(folder, 'package.json'), '{}')
  const { code } = await init('--force', '--name', '@me/agents')
  expect(code).toBe(0)
  expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).toMatchObject({
    name: '@me/agents',
  })
})

it('refuses a name that no package can have', async () => {
  const { code, stderr } = await init('--name', 'My Agents')
  expect(code).toBe(2)
  expect(stderr).toContain('cli.name')
  expect(await readdir(folder)).toEqual([])
})
