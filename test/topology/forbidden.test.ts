import { describe, expect, it } from 'vitest'
import { failure } from '../../protocols/failure.ts'
import { conversationId, messageId, peerId, roleName } from '../../protocols/ids.ts'
import { createRegistry } from '../../protocols/registry.ts'
import { createCodec } from '../../src/codec/codec.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { SKEIN } from '../../traces/names.ts'
import { dispatcher, errands, everything, flock, run, runner } from '../run/flock.ts'

const roles = ['dispatcher', 'runner', 'stranger'].map(roleName)
const edges = (...pairs: [string, string][]): Topology => ({
  name: 'strict',
  overlay: { kind: 'edges', edges: pairs as never, directed: false, relay: false },
  wiring: 'peers',
  placement: 'anybody',
  roles,
})

describe('an edge that a topology has not', () => {
  it('takes no message: its sender is told that it was refused, and goes on', async () => {
    const { host, start, settled } = flock()
    const hosted = await host('first', [{ role: dispatcher }, { role: runner, count: 2 }])
    const end = await settled(start({ topology: edges(['dispatcher', 'stranger'], ['runner', 'runner']) }))
    expect(end.output).toMatchObject({ kind: 'answer', body: { done: [], failed: 4 } })
    const turns = hosted.spans.filter(({ attributes }) => attributes[SKEIN.barred] !== undefined)
    expect(turns.map(({ attributes }) => attributes[SKEIN.barred])).toEqual([8])
  })

  it('is refused by who gets a message along it all the same', async () => {
    const { host, start, settled, submitter, pass } = flock()
    const { mailboxes } = submitter.ports.bus
    const codec = createCodec(createRegistry([errands, failure]))
    const from = { role: roleName('stranger'), peer: peerId('stranger-1') }
    const [mine, theirs] = [conversationId(run, 'mine'), conversationId(run, 'theirs')]
    const message = {
      ...{ id: messageId(mine, theirs, 1), run, type: 'errands.go', version: 1, body: { errand: 'eggs' } },
      ...{ from: { ...from, conversation: mine }, to: { role: roleName('runner'), conversation: theirs } },
      ...{ slip: [], deadline: 1e15, hops: 9, stake: '0p0', sentAt: 0 },
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    }
    const running = settled(start({ topology: edges(['dispatcher', 'runner']) }))
    await pass(0)
    await settled(
      mailboxes.put({ kind: 'role', role: roleName('runner') }, codec.encode(message), { dedup: 'x' }),
    )
    await host('first', [{ role: dispatcher }, { role: runner }])
    expect((await running).output).toEqual(everything)
    const reader = await settled(mailboxes.reader({ kind: 'peer', peer: from.peer }, { prefetch: 1 }))
    const answer = codec.decode((await settled(reader.next(new AbortController().signal)))!.frame)
    expect(answer).toMatchObject({
      type: 'failure',
      body: { kind: 'refused', reason: 'the topology "strict" has no edge from stranger-1 to runner-1' },
    })
  })
})

describe.each(['anybody', 'auction', 'hash', 'hub'] as const)(
  'an edge to one peer of a role, with placement %s',
  (placement) => {
    const { overlay, ...named } = edges(['dispatcher', 'runner-1'], ['runner-1', 'runner'])
    const topology: Topology = {
      ...named,
      overlay: { ...overlay, relay: true } as Topology['overlay'],
      placement,
    }

    it('is kept to where nobody of the role is there yet, and several join', async () => {
      const { host, start, settled, pass } = flock()
      await host('first', [{ role: dispatcher }])
      const running = settled(start({ topology }))
      await pass(2_000)
      await host('second', [{ role: runner, count: 2 }])
      expect((await running).output).toEqual(everything)
    })

    it('is kept to where that peer is gone, and others join', async () => {
      const { host, start, settled, pass } = flock()
      await host('first', [{ role: dispatcher }])
      const gone = await host('second', [{ role: runner }])
      gone.die()
      const running = settled(start({ topology }))
      await pass(100)
      await host('third', [{ role: runner, count: 2 }])
      expect((await running).output).toEqual(everything)
    })

    it('is the only way there is, and others of the role get nothing', async () => {
      const { host, start, settled, pass } = flock()
      await host('first', [{ role: dispatcher }, { role: runner }])
      const running = settled(start({ topology: { ...edges(['dispatcher', 'runner-7']), placement } }))
      await pass(500)
      await host('second', [{ role: runner, peer: peerId('runner-7') }, { role: runner }])
      expect((await running).output).toEqual(everything)
    })
  },
)
