import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type EmbeddedNats, embeddedNats, findEmbeddedNats } from '../../src/embedded/embedded.ts'
import { incarnationOf } from '../../src/embedded/incarnation.ts'
import { surroundings, temporaryFolder } from './surroundings.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
let compiled: string

// Node 20 runs no TypeScript.
beforeAll(async () => {
  compiled = await mkdtemp(join(tmpdir(), 'skein-user-'))
  await symlink(join(repository, 'node_modules'), join(compiled, 'node_modules'))
  await writeFile(join(compiled, 'package.json'), '{ "type": "module" }')
  const options =
    '--module nodenext --target es2023 --rewriteRelativeImportExtensions --noCheck --ignoreConfig'
  const files = ['--rootDir', '.', '--outDir', compiled, 'test/embedded/user.ts']
  const tsc = join(repository, 'node_modules', '.bin', 'tsc')
  await promisify(execFile)(tsc, [...options.split(' '), ...files], { cwd: repository })
})
afterAll(() => rm(compiled, { recursive: true, force: true }))

type User = { readonly process: ChildProcess; readonly nats: Omit<EmbeddedNats, 'leave'> }

/** The state folder of a project in which nothing is left running, however the test ends. */
async function aProject(): Promise<string> {
  const stateDir = await temporaryFolder()
  onTestFinished(async () => {
    const left = await findEmbeddedNats(stateDir)
    if (left) process.kill(left.pid, 'SIGKILL')
  })
  return stateDir
}

/** Another process that has joined the server. */
async function startUser(stateDir: string): Promise<User> {
  const user = spawn(process.execPath, [join(compiled, 'test/embedded/user.js'), stateDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void user.kill('SIGKILL'))
  const [line] = (await once(createInterface(user.stdout), 'line')) as [string]
  return { process: user, nats: JSON.parse(line) }
}

async function leave({ process: user }: User): Promise<void> {
  user.stdin?.end()
  expect(await once(user, 'exit')).toEqual([0, null])
}

async function crash({ process: user }: User): Promise<void> {
  user.kill('SIGKILL')
  await once(user, 'exit')
}

describe('processes of one project', () => {
  it('share the server that the first of them started, until the last has left', async () => {
    const stateDir = await aProject()
    const users = await Promise.all([startUser(stateDir), startUser(stateDir)])
    const starters = users.filter(({ nats }) => nats.startedHere)
    expect(starters).toHaveLength(1)
    const [starter, other] = starters[0] === users[0] ? users : [users[1], users[0]]
    expect(other.nats).toEqual({ ...starter.nats, startedHere: false })

    // The server outlives the process that started it.
    await leave(starter)
    const { url, token, pid } = other.nats
    expect(await findEmbeddedNats(stateDir)).toEqual({ url, token, pid })
    await (await connect({ servers: url, token })).close()

    await leave(other)
    expect(await incarnationOf(pid)).toBeUndefined()
  })

  it('do not wait for one that was killed', async () => {
    const stateDir = await aProject()
    const [first, second] = [await startUser(stateDir), await startUser(stateDir)]
    await crash(first)
    await leave(second)
    expect(await incarnationOf(first.nats.pid)).toBeUndefined()
  })

  it('take over a server whose last user was killed, and stop it in the end', async () => {
    const stateDir = await aProject()
    const killed = await startUser(stateDir)
    await crash(killed)
    const { SKEIN_NATS_SERVER } = process.env
    const nats = await embeddedNats({ ...surroundings({ SKEIN_NATS_SERVER }), stateDir })
    expect(nats).toMatchObject({ ...killed.nats, startedHere: false })
    await nats.leave()
    expect(await incarnationOf(nats.pid)).toBeUndefined()
  })
})
