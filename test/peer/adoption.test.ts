import { describe, expect, it } from 'vitest'
import { peerId } from '../../protocols/ids.ts'
import type { Log } from '../../src/log.ts'
import { silentLog } from '../../src/log.ts'
import { rollCall } from '../../src/peer/presence.ts'
import { dispatcher, everything, flock, offline, run, runner } from '../run/flock.ts'
import { deciding } from './slow-model.ts'

/** A log that remembers what it was told. */
function memory(): { readonly log: Log; readonly said: string[] } {
  const said: string[] = []
  const note = (text: string) => void said.push(text)
  return { said, log: { ...silentLog, info: note, warn: note, error: note } }
}

const TTL_MS = 10_000
/** A1: by then an orphan has a host. */
const BOUND_MS = 1.5 * TTL_MS

describe('a peer whose process is gone', () => {
  it('is adopted by a process of its role, which finishes its work', async () => {
    const { host, start, settled, pass } = flock()
    const slow = deciding(offline(runner))
    await host('boss', [{ role: dispatcher }])
    const dying = await host('dying', [{ role: runner }], { modelFor: () => slow.model })
    const running = start()
    await pass(100)
    expect(slow.calls).toBe(1)
    const { log, said } = memory()
    const heir = await host('heir', [{ role: runner }], { log })
    expect(heir.peers).toEqual([{ peer: 'runner-2', role: 'runner' }])
    dying.die()
    await pass(BOUND_MS)
    expect(said).toContain('adopted a peer')
    expect((await settled(running)).output).toEqual(everything)
  })

  it('is let go of when nothing of it is left', async () => {
    const { host, start, settled, pass, process } = flock()
    const slow = deciding(offline(runner))
    await host('boss', [{ role: dispatcher }])
    const dying = await host('dying', [{ role: runner }], { modelFor: () => slow.model })
    const running = start()
    await pass(100)
    const heir = await host('heir', [{ role: runner }])
    dying.die()
    await settled(running)
    await pass(BOUND_MS)
    expect(heir.peers).toEqual([{ peer: 'runner-2', role: 'runner' }])
    const leases = await process('looker').ports.bus.leases.list('peer')
    expect(leases.map(({ key }) => key)).not.toContain('peer.runner-1')
  })

  it('is adopted where it owns nothing and has mail', async () => {
    const { host, pass, process } = flock()
    await host('heir', [{ role: runner }])
    const { bus } = process('sender').ports
    const mailbox = { kind: 'peer', peer: peerId('runner-7') } as const
    await bus.mailboxes.put(mailbox, { headers: {}, body: new Uint8Array() }, { dedup: 'stray' })
    await pass(2 * BOUND_MS)
    expect(await bus.mailboxes.depth(mailbox)).toBe(0)
  })

  it('is left alone by processes of other roles', async () => {
    const { host, start, pass, process } = flock()
    const slow = deciding(offline(runner))
    const boss = await host('boss', [{ role: dispatcher }])
    const dying = await host('dying', [{ role: runner }], { modelFor: () => slow.model })
    const stop = new AbortController()
    const running = start({ signal: stop.signal })
    await pass(100)
    dying.die()
    await pass(3 * BOUND_MS)
    expect(boss.peers).toEqual([{ peer: 'dispatcher-1', role: 'dispatcher' }])
    const leases = await process('looker').ports.bus.leases.list('peer')
    expect(leases.map(({ key }) => key)).not.toContain('peer.runner-1')
    stop.abort()
    await pass(1_000)
    await running
  })

  it('shows as adopted, and is no answer to who is there for new work', async () => {
    const { host, start, settled, pass, process } = flock()
    const slow = deciding(offline(runner))
    const still = deciding(offline(runner))
    await host('boss', [{ role: dispatcher }])
    const dying = await host('dying', [{ role: runner }], { modelFor: () => slow.model })
    const running = start()
    await pass(100)
    await host('heir', [{ role: runner }], { modelFor: () => still.model })
    dying.die()
    await pass(BOUND_MS)
    const { bus, clock } = process('caller').ports
    const beats = await settled(rollCall(bus.signals, clock))
    expect(beats.map(({ peer, adopted }) => [peer, adopted])).toEqual([
      ['dispatcher-1', false],
      ['runner-1', true],
      ['runner-2', false],
    ])
    still.decide()
    expect((await settled(running)).output).toEqual(everything)
  })
})

describe('a peer that drains', () => {
  it('leaves its work to another process at once, whatever its lease', async () => {
    const { host, start, settled, pass } = flock()
    const slow = deciding(offline(runner))
    await host('boss', [{ role: dispatcher }])
    const leaving = await host('leaving', [{ role: runner }], { modelFor: () => slow.model })
    const running = start()
    await pass(100)
    const { log, said } = memory()
    await host('heir', [{ role: runner }], { log })
    await settled(leaving.drain())
    await pass(100)
    expect(said).toContain('adopted a peer')
    expect((await settled(running)).output).toEqual(everything)
  })
})

describe('a process that was away for longer than its lease', () => {
  it('finds its peer hosted by another, says so, and goes on under another name', async () => {
    const { host, start, settled, pass, network, process } = flock()
    const slow = deciding(offline(runner))
    await host('boss', [{ role: dispatcher }])
    const { log, said } = memory()
    const sleeper = await host('sleeper', [{ role: runner }], { modelFor: () => slow.model, log })
    const running = start()
    await pass(100)
    await host('heir', [{ role: runner }])
    network.cut('sleeper')
    await pass(2 * BOUND_MS)
    slow.decide()
    await pass(100)
    network.heal('sleeper')
    expect((await settled(running)).output).toEqual(everything)
    await pass(BOUND_MS)
    expect(said.filter((text) => text.startsWith('"runner-1" was lost to another process'))).toHaveLength(1)
    expect(sleeper.peers.map(({ role }) => role)).toEqual(['runner'])
    const journal = await process('looker').ports.bus.records.history(`conversation.${run}`)
    const takers = journal.map(({ value }) => JSON.parse(new TextDecoder().decode(value)))
    // What it had asked its model before it was cut off was asked again, and only one answer was taken.
    expect(
      takers.filter(({ took }) => took.event === 'xstate.done.actor.chat' && took.from === 'thinking').length,
    ).toBe(16)
  })

  it('takes its own name again where nobody else did', async () => {
    const { host, pass, network } = flock()
    const { log, said } = memory()
    const alone = await host('alone', [{ role: runner }], { log })
    network.cut('alone')
    await pass(2 * TTL_MS)
    network.heal('alone')
    await pass(BOUND_MS)
    expect(alone.peers).toEqual([{ peer: 'runner-1', role: 'runner' }])
    expect(said.some((text) => text.endsWith('Going on as "runner-1"'))).toBe(true)
  })
})

describe('a process of another version', () => {
  const next = { ...runner, version: runner.version + 1 }

  it('leaves a peer to those who can go on with what it has', async () => {
    const { host, start, settled, pass } = flock()
    const slow = deciding(offline(runner))
    await host('boss', [{ role: dispatcher }])
    const dying = await host('dying', [{ role: runner }], { modelFor: () => slow.model })
    const running = start()
    await pass(100)
    dying.die()
    await pass(TTL_MS)
    const newer = await host('newer', [{ role: next }])
    expect(newer.peers).toEqual([{ peer: 'runner-2', role: 'runner' }])
    await host('old', [{ role: runner }])
    expect((await settled(running)).output).toEqual(everything)
  })
})
