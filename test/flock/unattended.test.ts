import { describe, expect, it, onTestFinished } from 'vitest'
import { peerId } from '../../protocols/ids.ts'
import { createBacklog, workOn } from '../../src/flock/backlog.ts'
import { run } from '../../src/flock/run.ts'
import { unattended, watchUnattended } from '../../src/flock/unattended.ts'
import { silentLog } from '../../src/log.ts'
import { dispatcher, flock, runner } from '../run/flock.ts'
import { ask, temporaryFolder } from './clerks.ts'

const ROLES = {
  dispatchers: [{ role: dispatcher }],
  runners: [{ role: runner }],
}
/** The life of a lease, and then some. */
const BURIED_MS = 20_000

/** A run under way, with whoever a test hosts. */
async function runUnderWay() {
  const world = flock()
  const { bus, clock } = world.submitter.ports
  const backlog = createBacklog()
  const ended = world.start({ onCommit: backlog.take })
  onTestFinished(async () => {
    await world.settled(ended)
  })
  return {
    ...world,
    ended,
    backlog,
    missing: () => world.settled(unattended(backlog.work(), bus, clock)),
    /** What the bus tells those who have not followed the run. */
    seen: () => world.settled(workOn(bus, clock.now())),
    watch(said: string[]) {
      const say = (text: string) => said.push(text)
      const watch = watchUnattended({ bus, clock, log: silentLog, work: backlog.work, say })
      onTestFinished(() => watch.stop())
    },
  }
}

describe('the backlog of a run', () => {
  it('has its messages that nobody took, by role', async () => {
    const { backlog, seen, pass } = await runUnderWay()
    await pass(1_000)
    expect(backlog.work()).toEqual([{ role: 'dispatcher', messages: 1, conversations: 0 }])
    expect(await seen()).toEqual(backlog.work())
  })

  it('has its conversations with something pending, and is empty when all is done', async () => {
    const { backlog, seen, pass, host, settled, ended } = await runUnderWay()
    await host('one', ROLES.dispatchers)
    await pass(1_000)
    expect(backlog.work()).toEqual([
      { role: 'dispatcher', messages: 0, conversations: 1 },
      { role: 'runner', messages: 8, conversations: 0 },
    ])
    expect(await seen()).toEqual(backlog.work())
    await host('two', ROLES.runners)
    await settled(ended)
    expect(backlog.work()).toEqual([])
    expect(await seen()).toEqual([])
  })

  it('has no conversation of a run whose deadline has passed, though it never ended', async () => {
    const { clock, submitter, process, host, pass, settled, start } = flock()
    void start({ timeoutMs: 5_000 }).catch(() => {}) // its process dies
    const { bus } = process('onlooker').ports
    const one = await host('one', ROLES.dispatchers)
    await pass(1_000)
    submitter.die()
    one.die()
    const left = { role: 'runner', messages: 8, conversations: 0 }
    const seen = () => settled(workOn(bus, clock.now()))
    expect(await seen()).toEqual([{ role: 'dispatcher', messages: 0, conversations: 1 }, left])
    await pass(5_000)
    expect(await seen()).toEqual([left])
  })
})

describe('work without a process', () => {
  it('is that of roles which nobody hosts', async () => {
    const { missing, pass, host } = await runUnderWay()
    await host('one', ROLES.dispatchers)
    await pass(1_000)
    expect(await missing()).toEqual([{ role: 'runner', messages: 8, conversations: 0 }])
  })

  it('is left by a process that was killed, once its lease ran out', async () => {
    const { missing, pass, host } = await runUnderWay()
    const one = await host('one', ROLES.dispatchers)
    await pass(1_000)
    one.die()
    const left = { role: 'runner', messages: 8, conversations: 0 }
    expect(await missing()).toEqual([left])
    await pass(BURIED_MS)
    expect(await missing()).toEqual([{ role: 'dispatcher', messages: 0, conversations: 1 }, left])
  })

  it('is none where a peer is there whose name does not tell its role', async () => {
    const { missing, pass, host } = await runUnderWay()
    await host('one', [{ role: dispatcher, peer: peerId('dispatcher-of-the-north') }])
    await host('two', [{ role: runner, peer: peerId('runner-of-the-north') }])
    await pass(1_000)
    expect(await missing()).toEqual([])
  })

  it('is told once, and that somebody is back', async () => {
    const { watch, pass, host } = await runUnderWay()
    const said: string[] = []
    watch(said)
    await pass(60_000)
    expect(said).toEqual(['no dispatcher is alive: 1 message waits for one'])
    await host('one', ROLES.dispatchers)
    await pass(10_000)
    expect(said.slice(1)).toEqual(['a dispatcher is back', 'no runner is alive: 8 messages wait for one'])
    await host('two', ROLES.runners)
    await pass(10_000)
    expect(said.slice(3)).toEqual(['a runner is back'])
  })

  it('is named where it was what a run waited for until its deadline', async () => {
    const options = {
      stateDir: await temporaryFolder(),
      env: { SKEIN_NATS_SERVER: '/nowhere', SKEIN_SANDBOX: 'none' },
      timeoutMs: 50,
    }
    const { outcome, reason } = await run(ask('anybody?', 0), options)
    expect(outcome).toBe('exhausted')
    expect(reason).toMatch(/; no clerk is alive: 1 message waits for one$/)
  })
})
