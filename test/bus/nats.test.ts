import { setImmediate } from 'node:timers/promises'
import { assert, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { peerId } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import {
  AmbiguousError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedServerError,
} from '../../src/bus/errors.ts'
import { type NatsOptions, natsBus } from '../../src/bus/nats/bus.ts'
import { type Feed, readAll } from '../../src/bus/nats/feed.ts'
import { natsInfo } from '../../src/bus/nats/server.ts'
import { InvalidError } from '../../src/errors.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import {
  bytes,
  first,
  frame,
  POLL,
  post,
  somePeer,
  someRole,
  take,
  text,
  unique,
} from '../contracts/bus/harness.ts'
import { busContract } from '../contracts/bus.ts'
import { type NatsServer, type NatsServerOptions, startNatsServer } from '../nats-server.ts'
import { impostor, linkTo, say } from './nats/wires.ts'

let server: NatsServer
beforeAll(async () => {
  server = await startNatsServer()
  return () => server.stop()
})

/** Networks on one server are told apart by their prefix. Only another limit of the server needs another server. */
busContract('NATS bus', async ({ maxPayloadBytes, ...options } = {}) => {
  const own = maxPayloadBytes === undefined ? undefined : await startNatsServer({ maxPayloadBytes })
  const { url } = own ?? server
  const prefix = unique()
  const clients: Bus[] = []
  return {
    async connect() {
      const bus = await natsBus({ url, prefix, ...options })
      clients.push(bus)
      return bus
    },
    async dispose() {
      await Promise.all(clients.map((bus) => bus.close()))
      await own?.stop()
    },
  }
})

/** A client of the shared server, in an installation of its own unless a prefix says otherwise. */
async function join(options: Partial<NatsOptions> = {}): Promise<Bus> {
  const bus = await natsBus({ url: server.url, prefix: unique(), ...options })
  onTestFinished(() => bus.close())
  return bus
}

/** A server that this test may mistreat. */
async function ownServer(options?: NatsServerOptions): Promise<NatsServer> {
  const own = await startNatsServer(options)
  onTestFinished(() => own.stop())
  return own
}

describe('joining a NATS bus', () => {
  test('fails as unavailable where nobody listens, and tells the URL but no credentials', async () => {
    const joining = natsBus({ url: 'nats://me:secret@127.0.0.1:1', token: 'hidden' })
    const error: unknown = await joining.catch((reason) => reason)
    assert(error instanceof UnavailableError)
    expect(error.message).toContain('nats://127.0.0.1:1 ')
    expect(error.message).not.toMatch(/me|secret|hidden/)
  })

  test('fails as unavailable when the other end says nothing in time', async () => {
    const url = await impostor('')
    await expect(natsBus({ url, connectTimeoutMs: 100 })).rejects.toBeInstanceOf(UnavailableError)
  })

  test('does not quote a URL that it cannot read', async () => {
    const error: unknown = await natsBus({ url: 'http://me:secret@host' }).catch((reason) => reason)
    assert(error instanceof InvalidError)
    expect(error.message).not.toContain('secret')
  })

  test('fails as unauthorized with wrong credentials, and takes right ones from options or URL', async () => {
    const { url } = await ownServer({ token: 'right' })
    await expect(natsBus({ url })).rejects.toBeInstanceOf(UnauthorizedError)
    await expect(natsBus({ url, token: 'wrong' })).rejects.toMatchObject({ code: 'bus.unauthorized' })
    await (await natsBus({ url, token: 'right' })).close()
    await (await natsBus({ url: url.replace('//', '//right@') })).close()
  })

  test('refuses a server without JetStream', async () => {
    const { url } = await ownServer({ jetStream: false })
    await expect(natsBus({ url })).rejects.toThrow(/-js/)
    expect(await natsInfo({ url })).toMatchObject({ url, jetStream: false })
  })

  test('refuses a server that is too old, and names both versions', async () => {
    const url = await impostor('INFO {"version":"2.9.3","headers":true,"max_payload":1048576}\r\n')
    const error: unknown = await natsBus({ url }).catch((reason) => reason)
    assert(error instanceof UnsupportedServerError)
    expect(error.message).toMatch(/2\.9\.3,.* 2\.9\.4 /)
  })

  test('refuses to keep replicas on a single server', async () => {
    const joining = natsBus({ url: server.url, prefix: unique(), replicas: 3 })
    const error: unknown = await joining.catch((reason) => reason)
    assert(error instanceof UnsupportedServerError)
    expect(error.message).toContain('start a cluster')
  })

  test('makes one set of streams, however many join at once', async () => {
    const prefix = unique()
    const buses = await Promise.all(Array.from({ length: 8 }, () => join({ prefix })))
    const mailbox = someRole()
    await Promise.all(buses.map((bus) => post(bus, mailbox, 'hello')))
    expect(await buses[0]?.mailboxes.depth(mailbox)).toBe(8)
  })

  test('keeps installations with different prefixes apart', async () => {
    const [one, other] = [await join(), await join()]
    await one.records.append('a', bytes('mine'), 0)
    await one.leases.acquire('a', 'mine')
    const hash = await one.blobs.put(bytes('mine'))
    expect(await other.records.latest('')).toEqual([])
    expect(await other.leases.list('')).toEqual([])
    expect(await other.blobs.get(hash)).toBeUndefined()
    expect(await one.records.latest('')).toHaveLength(1)
  })

  test('uses streams that exist as they are', async () => {
    const prefix = unique()
    await join({ prefix, leaseTtlMs: 2_000 })
    const late = await join({ prefix, leaseTtlMs: 7_000 })
    expect(late.leases.ttlMs).toBe(2_000)
  })

  test('is not needed for a look at the server', async () => {
    const info = await natsInfo({ url: server.url })
    expect(info).toMatchObject({ url: server.url, jetStream: true, maxPayloadBytes: 1_048_576 })
    expect(info.version).toMatch(/^\d+\.\d+\.\d+/)
  })
})

describe('a reader on NATS', () => {
  test('leaves to others what comes when its wait was aborted', async ({ signal }) => {
    const prefix = unique()
    const [one, other] = [await join({ prefix, ackWaitMs: 3_600_000 }), await join({ prefix })]
    const mailbox = someRole()
    const reader = await one.mailboxes.reader(mailbox, { prefetch: 1 })
    const stop = new AbortController()
    const waiting = reader.next(stop.signal)
    stop.abort()
    expect(await waiting).toBeUndefined()
    await post(other, mailbox, 'work')
    const heir = await other.mailboxes.reader(mailbox, { prefetch: 1 })
    expect(text((await take(heir, signal)).frame.body)).toBe('work')
  })

  test('gives back what it read ahead as soon as it is closed', async ({ signal }) => {
    const bus = await join({ ackWaitMs: 3_600_000 })
    const mailbox = somePeer()
    await Promise.all(['a', 'b', 'c', 'd'].map((body) => post(bus, mailbox, body)))
    const leaving = await bus.mailboxes.reader(mailbox, { prefetch: 4 })
    await (await take(leaving, signal)).ack()
    await (await take(leaving, signal)).ack()
    await leaving.close()
    const heir = await bus.mailboxes.reader(mailbox, { prefetch: 4 })
    const rest = [await take(heir, signal), await take(heir, signal)]
    expect(rest.map((delivery) => text(delivery.frame.body)).sort()).toEqual(['c', 'd'])
  })

  test('reads on though its consumer was deleted', async ({ signal }) => {
    const own = { kind: 'peer', peer: peerId('a-1') } as const
    const prefix = unique()
    const clock = virtualClock()
    const bus = await join({ prefix, clock })
    const reader = await bus.mailboxes.reader(own, { prefetch: 1 })
    let letter: string | undefined
    const reading = take(reader, signal).then(({ frame }) => {
      letter = text(frame.body)
    })
    await say(server.url, `PUB $JS.API.CONSUMER.DELETE.${prefix.toUpperCase()}_MAIL.peer_a-1 0\r\n\r\n`)
    await post(bus, own, 'letter')
    const passTime = () => {
      clock.step()
      return letter
    }
    await expect.poll(passTime, POLL).toBe('letter')
    await reading
  })
})

describe('a blob on NATS', () => {
  test('is made young by a put when it is older than an hour', async () => {
    const prefix = unique()
    const [now, later] = [await join({ prefix }), await join({ prefix, clock: virtualClock(2 ** 42) })]
    const hash = await now.blobs.put(bytes('kept'))
    const [before] = await now.blobs.list()
    assert(before)
    await now.blobs.put(bytes('kept'))
    expect(await now.blobs.list()).toEqual([before])
    const putLater = async () => {
      await later.blobs.put(bytes('kept'))
      return (await now.blobs.list()).map(({ storedAt }) => storedAt > before.storedAt)
    }
    await expect.poll(putLater, POLL).toEqual([true])
    expect(await now.blobs.get(hash)).toEqual(bytes('kept'))
  })
})

describe('reading a NATS stream to its end', () => {
  type Message = Awaited<ReturnType<typeof readAll>>[number]

  /** Reads a feed that stalls after two of three messages, with the clock running as fast as it can. */
  async function readStalling(...lasts: (number | undefined)[]): Promise<Message[]> {
    return (await readAndTake(lasts)).read
  }

  /** @param lasts what is said to be the last one, each time it is asked for; then that stays so */
  async function readAndTake(lasts: (number | undefined)[]): Promise<{ read: Message[]; tookMs: number }> {
    const clock = virtualClock()
    const last = async () => (lasts.length > 1 ? lasts.shift() : lasts[0])
    let stopped = false
    const feed: Feed = {
      stop: () => {
        stopped = true
      },
      close: async () => {},
      async *[Symbol.asyncIterator]() {
        yield* [1, 2].map((seq) => ({ seq }) as Message)
        while (!stopped) {
          clock.step()
          await setImmediate()
        }
      },
    }
    const read = await readAll({ feed, last, clock, requestTimeoutMs: 5_000 })
    return { read, tookMs: clock.now() }
  }

  test('goes as far as the leader was when it began', async () => {
    expect(await readStalling(1)).toHaveLength(1)
    expect(await readStalling(undefined)).toHaveLength(0)
  })

  test('ends when what was left has been purged meanwhile', async () => {
    expect(await readStalling(3, 2)).toHaveLength(2)
    expect(await readStalling(3, undefined)).toHaveLength(2)
  })

  test('notices that long before it would give up', async () => {
    expect((await readAndTake([3, 2])).tookMs).toBeLessThan(1_000)
    expect((await readAndTake([3, 3, 3, undefined])).tookMs).toBeLessThan(1_000)
  })

  test('is unavailable when something is left that does not come', async () => {
    await expect(readStalling(3, 3)).rejects.toBeInstanceOf(UnavailableError)
  })
})

describe('a NATS bus whose server fails', () => {
  test('does not know whether an append without an answer was applied', async () => {
    const link = await linkTo(server.url)
    const bus = await join({ url: link.url, requestTimeoutMs: 300 })
    link.hold()
    await expect(bus.records.append('a', bytes('one'), 0)).rejects.toBeInstanceOf(AmbiguousError)
    await expect(bus.records.read('a')).rejects.toBeInstanceOf(UnavailableError)
    link.release()
    const found = async () => text((await bus.records.read('a'))?.value ?? bytes('nothing'))
    await expect.poll(found, POLL).toBe('one')
  })

  test('keeps a lease though the answer to its renewal was lost', async () => {
    const link = await linkTo(server.url)
    const bus = await join({ url: link.url, requestTimeoutMs: 300, leaseTtlMs: 60_000 })
    const lease = await bus.leases.acquire('peer.a', 'one')
    assert(lease)
    link.hold()
    await expect(bus.leases.renew(lease, 'two')).rejects.toBeInstanceOf(AmbiguousError)
    link.release()
    await expect.poll(() => bus.leases.list(''), POLL).toEqual([{ key: 'peer.a', value: 'two' }])
    const renewed = await bus.leases.renew(lease, 'three')
    expect(renewed.epoch).toBe(lease.epoch)
    await bus.leases.release(lease)
    expect(await bus.leases.list('')).toEqual([])
  })

  test('is unavailable while the server is away, and goes on when it is back', async ({ signal }) => {
    const own = await ownServer()
    const said: string[] = []
    const bus = await join({ url: own.url, requestTimeoutMs: 300, onStatus: (line) => said.push(line) })
    const mailbox = someRole()
    const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
    const waiting = take(reader, signal)
    const before = await bus.records.append('a', bytes('before'), 0)
    const watch = await bus.records.watch('')
    const watched = first(2, watch)
    const subscription = await bus.signals.subscribe('news')
    const heard = first(1, subscription)

    await own.down()
    await expect.poll(() => said.at(-1)).toMatch(/^lost/)
    await expect(bus.records.append('a', bytes('lost'), before)).rejects.toBeInstanceOf(UnavailableError)
    await own.up()
    await expect.poll(() => said.at(-1), POLL).toMatch(/^back/)

    await bus.records.append('a', bytes('after'), before)
    await post(bus, mailbox, 'work')
    bus.signals.publish('news', frame('hello'))
    expect(text((await waiting).frame.body)).toBe('work')
    expect((await watched).map((entry) => text(entry.value))).toEqual(['before', 'after'])
    expect((await heard).map((item) => text(item.frame.body))).toEqual(['hello'])
  })

  test('closes though the server does not answer', async () => {
    const link = await linkTo(server.url)
    const clock = virtualClock()
    const bus = await join({ url: link.url, clock })
    link.hold()
    const closing = bus.close()
    clock.step()
    await closing
  })
})
