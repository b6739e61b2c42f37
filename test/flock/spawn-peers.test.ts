import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { spawnPeers } from '../../src/flock/spawn-peers.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { lives } from '../e2e/skein-process.ts'
import { temporaryFolder } from './clerks.ts'

/** A process that says it is ready. What it does then is the rest. */
const ready = (rest = '') =>
  `process.send({ ready: [{ peer: 'clerk-1', role: 'clerk', pid: process.pid, model: 'none' }] }); ${rest}`
const LEAVES = ready(`process.on('disconnect', () => process.exit(0))`)
const STAYS = ready(`process.on('disconnect', () => {}); setInterval(() => {}, 1e6)`)

async function spawning(...scripts: readonly string[]) {
  return {
    commands: scripts.map((script, index) => ({ name: `clerk-${index + 1}`, args: ['-e', script] })),
    env: process.env,
    logDir: join(await temporaryFolder(), 'logs'),
    clock: systemClock(),
    signal: new AbortController().signal,
  }
}

describe('spawnPeers', () => {
  it('resolves when all are there, each a process of its own', async () => {
    const peers = await spawnPeers(await spawning(LEAVES, LEAVES))
    const pids = peers.members.map(({ pid }) => pid)
    expect(new Set(pids).size).toBe(2)
    await peers.letGo(async () => false)
    expect(pids.filter(lives)).toEqual([])
  })

  it('quotes the log of one that dies at its start, and leaves no other', async () => {
    const options = await spawning(LEAVES, `console.error('no paper'); process.exit(3)`)
    const spawned = spawnPeers(options)
    await expect(spawned).rejects.toMatchObject({ code: 'flock.peer-died' })
    await expect(spawned).rejects.toThrow(/clerk-2\.log.*no paper/s)
  })

  it('leaves alone those whom others need', async () => {
    const { members, letGo } = await spawnPeers(await spawning(STAYS))
    const { pid } = members[0]!
    await letGo(async () => true)
    expect(lives(pid)).toBe(true)
    process.kill(pid, 'SIGKILL')
    await vi.waitFor(() => expect(lives(pid)).toBe(false))
  })

  it('ends one that does not leave by itself', async () => {
    const { members, letGo } = await spawnPeers(await spawning(STAYS))
    await letGo(async () => false)
    expect(lives(members[0]!.pid)).toBe(false)
  })

  it('stops waiting, and what it started, when it is told to', async () => {
    const stop = new AbortController()
    const options = await spawning(`process.on('disconnect', () => process.exit(0))`)
    const spawned = spawnPeers({ ...options, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(spawned).rejects.toThrow('enough')
  })
})
