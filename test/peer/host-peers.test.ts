import { describe, expect, it } from 'vitest'
import { peerId } from '../../protocols/ids.ts'
import { PRESENCE_SUBJECT } from '../../protocols/presence.ts'
import { hostPeers } from '../../src/peer/host-peers.ts'
import { PeerTakenError } from '../../src/peer/lease.ts'
import { rollCall } from '../../src/peer/presence.ts'
import { dispatcher, flock, offline, runner } from '../run/flock.ts'

describe('a process that hosts peers', () => {
  it('takes the first free names of its roles', async () => {
    const { host } = flock()
    const first = await host('first', [{ role: dispatcher }, { role: runner, count: 2 }])
    const second = await host('second', [{ role: runner }])
    expect(first.peers).toEqual([
      { peer: 'dispatcher-1', role: 'dispatcher' },
      { peer: 'runner-1', role: 'runner' },
      { peer: 'runner-2', role: 'runner' },
    ])
    expect(second.peers).toEqual([{ peer: 'runner-3', role: 'runner' }])
  })

  it('takes the name that it is told, and no other', async () => {
    const { host } = flock()
    const wanted = [{ role: runner, peer: peerId('runner-7') }]
    expect((await host('first', wanted)).peers).toEqual([{ peer: 'runner-7', role: 'runner' }])
    await expect(host('second', wanted)).rejects.toBeInstanceOf(PeerTakenError)
  })

  it('is there for whoever asks, and says how it is', async () => {
    const { host, process, settled } = flock()
    const hosted = await host('first', [{ role: runner }])
    const { bus, clock } = process('caller').ports
    const present = () => settled(rollCall(bus.signals, clock))
    expect(await present()).toMatchObject([
      {
        peer: 'runner-1',
        role: 'runner',
        host: 'first',
        model: 'offline',
        limit: 1,
        busy: 0,
        draining: false,
      },
    ])
    hosted.retire(true)
    expect(await present()).toMatchObject([{ draining: true }])
    hosted.retire(false)
    expect(await present()).toMatchObject([{ draining: false }])
    await settled(hosted.drain())
    expect(await present()).toEqual([])
  })

  it('is busy with what it has in hand', async () => {
    const { host, start, settled, pass } = flock()
    const slow = offline(runner)
    const hosted = await host('first', [{ role: dispatcher }, { role: runner }], {
      modelFor: (role) => ({
        ...slow,
        ...offline(role),
        async *stream(request, options) {
          await new Promise((resolve) => options.signal.addEventListener('abort', resolve, { once: true }))
          yield* offline(role).stream(request, options)
        },
      }),
    })
    const running = start({ timeoutMs: 2_000 })
    await pass(500)
    // The dispatcher waits for answers, and the runner for its model.
    expect(hosted.load()).toEqual({ conversations: 2, busy: 1 })
    await settled(running)
  })

  it('drains once, however often it is asked to, says goodbye and gives its names back', async () => {
    const { host, process, settled } = flock()
    const hosted = await host('first', [{ role: runner, count: 2 }])
    const goodbyes = await process('listener').ports.bus.signals.subscribe(PRESENCE_SUBJECT.gone)
    const said: string[] = []
    const listening = (async () => {
      for await (const { frame } of goodbyes) said.push(new TextDecoder().decode(frame.body))
    })()
    await settled(Promise.all([hosted.drain(), hosted.drain()]))
    goodbyes.close()
    await listening
    expect(said.sort()).toEqual(['{"peer":"runner-1"}', '{"peer":"runner-2"}'])
    expect((await host('second', [{ role: runner }])).peers).toEqual([{ peer: 'runner-1', role: 'runner' }])
  })
})

describe('a process that cannot host its peers', () => {
  const held = async ({ process }: ReturnType<typeof flock>) =>
    (await process('looker').ports.bus.leases.list('peer')).map(({ key }) => key)

  it('leaves none of them behind', async () => {
    const here = flock()
    await here.host('first', [{ role: runner, peer: peerId('runner-1') }])
    const roles = [{ role: dispatcher }, { role: runner, peer: peerId('runner-1') }]
    await expect(here.host('second', roles)).rejects.toBeInstanceOf(PeerTakenError)
    expect(await held(here)).toEqual(['peer.runner-1'])
  })

  it.each([
    [
      'has no model',
      {
        modelFor: () => {
          throw new Error('no key')
        },
      },
      /no key/,
    ],
  ])('because it %s holds no name', async (_, more, text) => {
    const here = flock()
    await expect(here.host('first', [{ role: runner }], more)).rejects.toThrow(text)
    expect(await held(here)).toEqual([])
  })

  it.each(['records.watch', 'mailboxes.reader', 'signals.subscribe'])(
    'because %s is not answered holds no name',
    async (name) => {
      const here = flock((operation) => ({
        unanswered: operation.name === name && operation.client === 'first',
      }))
      const { ports } = here.process('first')
      const hosting = here.settled(hostPeers({ ...ports, roles: [{ role: runner }], modelFor: offline }))
      await expect(hosting).rejects.toMatchObject({ code: 'bus.unavailable' })
      expect(await held(here)).toEqual([])
    },
  )
})
