import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type EmbeddedNats,
  type EmbeddedNatsAddress,
  embeddedNats,
  findEmbeddedNats,
} from '../../src/embedded/embedded.ts'
import { incarnationOf } from '../../src/embedded/incarnation.ts'
import { writeState } from '../../src/embedded/state.ts'
import { script, surroundings, temporaryFolder } from './surroundings.ts'

const { SKEIN_NATS_SERVER } = process.env

/** Joins the server of a state folder, until the test is over. */
async function joinServer(stateDir: string, env = { SKEIN_NATS_SERVER }): Promise<EmbeddedNats> {
  const nats = await embeddedNats({ ...surroundings(env), stateDir })
  onTestFinished(nats.leave)
  return nats
}

async function connectTo({ url, token }: EmbeddedNatsAddress): Promise<NatsConnection> {
  const connection = await connect({ servers: url, token, reconnect: false })
  onTestFinished(() => connection.close())
  return connection
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => incarnationOf(pid)).toBeUndefined()
}

describe('a private server', () => {
  it('listens on loopback, with JetStream and room for large messages', async () => {
    const nats = await joinServer(await temporaryFolder())
    expect(nats.startedHere).toBe(true)
    expect(nats.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/)
    const connection = await connectTo(nats)
    expect(connection.info).toMatchObject({
      jetstream: true,
      max_payload: 8 * 1024 * 1024,
      host: '127.0.0.1',
    })
  })

  it('refuses who does not show its token', async () => {
    const nats = await joinServer(await temporaryFolder())
    await expect(connectTo({ ...nats, token: 'another' })).rejects.toThrow(/authorization/i)
    await expect(connect({ servers: nats.url, reconnect: false })).rejects.toThrow(/authorization/i)
  })

  it('is found by its state folder while it lives', async () => {
    const stateDir = await temporaryFolder()
    expect(await findEmbeddedNats(stateDir)).toBeUndefined()
    const { url, token, pid, leave } = await joinServer(stateDir)
    expect(await findEmbeddedNats(stateDir)).toEqual({ url, token, pid })
    await leave()
    expect(await findEmbeddedNats(stateDir)).toBeUndefined()
    expect(await incarnationOf(pid)).toBeUndefined()
  })

  it('tells its token to its owner only', async () => {
    const stateDir = await temporaryFolder()
    const { token } = await joinServer(stateDir)
    for (const name of ['server.json', 'server.conf']) {
      const path = join(stateDir, 'nats', name)
      expect(await readFile(path, 'utf8')).toContain(token)
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    }
  })

  it('is shared, and stops with the last who leaves', async () => {
    const stateDir = await temporaryFolder()
    const first = await joinServer(stateDir)
    const second = await joinServer(stateDir)
    expect(second).toMatchObject({ url: first.url, token: first.token, pid: first.pid, startedHere: false })
    await first.leave()
    await first.leave()
    expect(await incarnationOf(first.pid)).toBeDefined()
    await second.leave()
    expect(await incarnationOf(first.pid)).toBeUndefined()
  })

  it('keeps its data, and takes a new token, from one time to the next', async () => {
    const stateDir = await temporaryFolder()
    const first = await joinServer(stateDir)
    await storeSomething(first)
    await first.leave()
    const second = await joinServer(stateDir)
    expect(second.token).not.toBe(first.token)
    expect(await whatIsStored(second)).toBe(1)
  })

  it('comes back after a crash on its data, at the address its users know', async () => {
    const stateDir = await temporaryFolder()
    const first = await joinServer(stateDir)
    await storeSomething(first)
    await kill(first.pid)
    expect(await findEmbeddedNats(stateDir)).toBeUndefined()
    const second = await joinServer(stateDir)
    expect(second).toMatchObject({ url: first.url, token: first.token, startedHere: true })
    expect(second.pid).not.toBe(first.pid)
    expect(await whatIsStored(second)).toBe(1)
    await second.leave()
    expect(await incarnationOf(second.pid)).toBeDefined()
    await first.leave()
    expect(await incarnationOf(second.pid)).toBeUndefined()
  })

  it('comes back after a crash at another address where its own was taken', async () => {
    const stateDir = await temporaryFolder()
    const first = await joinServer(stateDir)
    await kill(first.pid)
    const stranger = createServer().listen(Number(new URL(first.url).port), '127.0.0.1')
    await once(stranger, 'listening')
    onTestFinished(() => void stranger.close())
    const second = await joinServer(stateDir)
    expect(second.url).not.toBe(first.url)
    await connectTo(second)
  })

  it('takes the place of one whose starter died before it listened', async () => {
    const stateDir = await temporaryFolder()
    const unfinished = spawn('sleep', ['600'])
    onTestFinished(() => void unfinished.kill('SIGKILL'))
    await mkdir(join(stateDir, 'nats'))
    await writeState(join(stateDir, 'nats'), { ...(await incarnationOf(unfinished.pid!))!, token: 'none' })
    expect(await findEmbeddedNats(stateDir)).toBeUndefined()
    const nats = await joinServer(stateDir)
    expect(nats.startedHere).toBe(true)
    expect(await incarnationOf(unfinished.pid!)).toBeUndefined()
  })

  it('is not started beside one that the state file does not tell of', async () => {
    const stateDir = await temporaryFolder()
    await mkdir(join(stateDir, 'nats'))
    await writeFile(join(stateDir, 'nats', 'server.json'), '{"pid":')
    await expect(joinServer(stateDir)).rejects.toMatchObject({ code: 'embedded.state' })
  })

  it('that ends at its start says why, and leaves no trace of a server', async () => {
    const stateDir = await temporaryFolder()
    const broken = await script(
      join(stateDir, 'broken'),
      '[ "$1" = --version ] && echo "nats-server: v2.12.15" || echo "[FTL] out of luck" >&2',
    )
    await expect(joinServer(stateDir, { SKEIN_NATS_SERVER: broken })).rejects.toMatchObject({
      code: 'embedded.start',
      message: expect.stringContaining('[FTL] out of luck'),
    })
    expect(await findEmbeddedNats(stateDir)).toBeUndefined()
  })

  it('is not started where its folder cannot be made', async () => {
    const stateDir = join(await temporaryFolder(), 'file')
    await writeFile(stateDir, 'in the way')
    await expect(joinServer(stateDir)).rejects.toMatchObject({ code: 'embedded.state' })
  })

  it('is ended when the signal is aborted while it starts', async () => {
    const stateDir = await temporaryFolder()
    const mute = await script(
      join(stateDir, 'mute'),
      '[ "$1" = --version ] && echo "nats-server: v2.12.15" || exec sleep 600',
    )
    const abort = new AbortController()
    const around = { ...surroundings({ SKEIN_NATS_SERVER: mute }), signal: abort.signal }
    const joining = embeddedNats({ ...around, stateDir })
    const state = join(stateDir, 'nats', 'server.json')
    await expect.poll(() => readFile(state, 'utf8').catch(() => '')).not.toBe('')
    const { pid } = JSON.parse(await readFile(state, 'utf8')) as { pid: number }
    abort.abort(new Error('enough'))
    await expect(joining).rejects.toThrow('enough')
    expect(await incarnationOf(pid)).toBeUndefined()
  })
})

async function storeSomething(nats: EmbeddedNatsAddress): Promise<void> {
  const connection = await connectTo(nats)
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'kept', subjects: ['kept'] })
  await jetstream(connection).publish('kept', 'something')
  await connection.close()
}

async function whatIsStored(nats: EmbeddedNatsAddress): Promise<number> {
  const manager = await jetstreamManager(await connectTo(nats))
  return (await manager.streams.info('kept')).state.messages
}
