import { describe, expect, it } from 'vitest'
import { peerId, roleName } from '../../protocols/ids.ts'
import { type Beat, PRESENCE_INTERVAL_MS, PRESENCE_SUBJECT } from '../../protocols/presence.ts'
import { announce, readBeat, rollCall } from '../../src/peer/presence.ts'
import { pass, quiet, settled, virtualNetwork } from '../bus/memory/virtual.ts'

const beatOf = (peer: string, more: Partial<Beat> = {}): Beat => ({
  peer: peerId(peer),
  role: roleName('worker'),
  description: '',
  host: 'here',
  pid: 1,
  model: 'none',
  conversations: 0,
  busy: 0,
  limit: 1,
  doing: [],
  runs: [],
  draining: false,
  adopted: false,
  ...more,
})

const assure = async () => {}

/** A network, and everything that is said about presence on it. */
async function network() {
  const { clock, network: wires } = virtualNetwork()
  const said: string[] = []
  const listener = await wires.connect('listener').signals.subscribe('presence.>')
  const listening = (async () => {
    for await (const { subject, frame } of listener) {
      said.push([subject, readBeat(frame)?.peer ?? new TextDecoder().decode(frame.body)].join(' '))
    }
  })()
  return {
    clock,
    said,
    signals: (client: string) => wires.connect(client).signals,
    async end() {
      listener.close()
      await listening
    },
  }
}

describe('presence', () => {
  it('is said at once, then at an interval, and ends with a goodbye', async () => {
    const { clock, said, signals, end } = await network()
    const presence = await announce({ assure, signals: signals('a'), clock, beat: () => beatOf('a-1') })
    await quiet()
    expect(said).toEqual(['presence.beat a-1'])
    await pass(clock, 3.5 * PRESENCE_INTERVAL_MS)
    expect(said).toHaveLength(4)
    await settled(clock, presence.stop())
    presence.sayGone()
    await quiet()
    expect(said.slice(4)).toEqual(['presence.gone {"peer":"a-1"}'])
    await pass(clock, 3 * PRESENCE_INTERVAL_MS)
    expect(said).toHaveLength(5)
    await end()
  })

  it('is said as soon as somebody asks', async () => {
    const { clock, said, signals, end } = await network()
    const presence = await announce({ assure, signals: signals('a'), clock, beat: () => beatOf('a-1') })
    signals('b').publish(PRESENCE_SUBJECT.probe, { headers: {}, body: new Uint8Array() })
    await quiet()
    expect(said.filter((line) => line === 'presence.beat a-1')).toHaveLength(2)
    await settled(clock, presence.stop())
    await end()
  })

  it('tells how things are now', async () => {
    const { clock, signals, end } = await network()
    let busy = 0
    const presence = await announce({
      assure,
      signals: signals('a'),
      clock,
      beat: () => beatOf('a-1', { busy }),
    })
    busy = 1
    expect(await settled(clock, rollCall(signals('b'), clock))).toMatchObject([{ peer: 'a-1', busy: 1 }])
    await settled(clock, presence.stop())
    await end()
  })
})

describe('a roll call', () => {
  it('names everybody who is there once, in the order of their names', async () => {
    const { clock, signals, end } = await network()
    const peers = ['worker-10', 'worker-9', 'coder-1']
    const present = await Promise.all(
      peers.map((peer) => announce({ assure, signals: signals(peer), clock, beat: () => beatOf(peer) })),
    )
    const beats = await settled(
      clock,
      rollCall(signals('caller'), clock, () => false, 3 * PRESENCE_INTERVAL_MS),
    )
    expect(beats.map(({ peer }) => peer)).toEqual(['coder-1', 'worker-9', 'worker-10'])
    await settled(clock, Promise.all(present.map((each) => each.stop())))
    await end()
  })

  it('of nobody ends by itself', async () => {
    const { clock, signals, end } = await network()
    expect(await settled(clock, rollCall(signals('caller'), clock))).toEqual([])
    await end()
  })

  it('ends as soon as it has heard enough', async () => {
    const { clock, signals, end } = await network()
    const presence = await announce({ assure, signals: signals('a'), clock, beat: () => beatOf('a-1') })
    const before = clock.now()
    await settled(
      clock,
      rollCall(signals('caller'), clock, (beats) => beats.length === 1),
    )
    expect(clock.now()).toBe(before)
    await settled(clock, presence.stop())
    await end()
  })

  it('is not misled by what is no beat', async () => {
    const { clock, signals, end } = await network()
    const calling = rollCall(signals('caller'), clock)
    await quiet()
    for (const body of ['{', '{}', '"beat"', JSON.stringify({ ...beatOf('a-1'), limit: 0 })]) {
      signals(`liar ${body}`).publish(PRESENCE_SUBJECT.beat, {
        headers: {},
        body: new TextEncoder().encode(body),
      })
    }
    expect(await settled(clock, calling)).toEqual([])
    await end()
  })
})
