/** What people get wrong before anything begins: each ends at once with what is wrong, what to do, and code 2. */
import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openProject, type Project } from './project.ts'

/** A line of one. */
const STACK = /^ {4}at /m

let project: Project

beforeAll(async () => {
  project = await openProject()
})
afterAll(() => project.close())

it('says that there is no such workspace, and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await project.skein(['run', 'Anything', '--workspace', 'nowhere']).ended
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('the workspace "nowhere" does not exist: give the path of a directory')
  expect(stderr).toContain('cli.workspace')
  expect(stderr).not.toMatch(STACK)
  await expect(access(project.stateDir)).rejects.toThrow()
})

it('says that nobody answers where a server was named, and starts none in its place', async () => {
  const url = `nats://127.0.0.1:${await closedPort()}`
  const workspace = await project.copyOf('tiny')
  const commands = [['run', 'Anything', '--workspace', workspace], ['peer', 'researcher'], ['ps']]
  for (const command of commands) {
    const { code, stdout, stderr } = await project.skein([...command, '--nats', url]).ended
    expect({ command, code, stdout }).toEqual({ command, code: 2, stdout: '' })
    expect(stderr).toContain('bus.unavailable')
    const [said] = stderr.split('\n').filter((line) => line.includes(url.replace('nats://', '')))
    expect(said).toContain('refused')
    expect(stderr).not.toMatch(STACK)
  }
})

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
