import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { assert, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'
import { AmbiguousError, ConflictError, UnavailableError } from '../../src/bus/errors.ts'
import { parseAddress } from '../../src/bus/nats/address.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import { bytes, first, POLL, post, someRole, take, text, unique } from '../contracts/bus/harness.ts'
import { type NatsCluster, startNatsCluster } from './nats/cluster.ts'

let cluster: NatsCluster
beforeAll(async () => {
  cluster = await startNatsCluster()
  return () => cluster.stop()
})

/** What succeeds in the end. Until then it may only fail as while a leader is missing. */
async function insist<T>(attempt: () => Promise<T>): Promise<T> {
  let result: { readonly value: T } | undefined
  const failures: unknown[] = []
  const tried = async () => {
    try {
      result = { value: await attempt() }
    } catch (error) {
      failures.push(error)
    }
    return result !== undefined
  }
  await expect.poll(tried, POLL).toBe(true)
  assert(result)
  for (const failure of failures) {
    assert(failure instanceof AmbiguousError || failure instanceof UnavailableError, String(failure))
  }
  return result.value
}

async function join(prefix: string): Promise<Bus> {
  const options = { url: cluster.url, prefix, replicas: 3, requestTimeoutMs: 1_000, leaseTtlMs: 60_000 }
  const bus = await insist(() => natsBus(options))
  onTestFinished(() => bus.close())
  return bus
}

/** The server that leads the stream of the records. */
async function leaderOf(prefix: string): Promise<string> {
  const nats = await connect({ servers: [...parseAddress(cluster.url).servers] })
  const { streams } = await jetstreamManager(nats)
  const info = await streams.info(`${prefix.toUpperCase()}_RECORDS`)
  await nats.close()
  expect(info.config.num_replicas).toBe(3)
  assert(info.cluster?.leader)
  return info.cluster.leader
}

test('lets one of several concurrent appends win, though its servers compare too early', async () => {
  const prefix = unique()
  const buses = await Promise.all([join(prefix), join(prefix)])
  let expected = await buses[0].records.append('a', bytes('0'), 0)
  for (let round = 1; round <= 10; round++) {
    const appends = [0, 1, 0, 1, 0, 1].map((index) =>
      buses[index]!.records.append('a', bytes(`${round}`), expected),
    )
    const outcomes = await Promise.allSettled(appends)
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ConflictError)
    }
    expect(won).toHaveLength(1)
    expected = won[0]!.value
  }
  expect(await buses[1].records.history('a')).toHaveLength(11)
})

test('goes on when it has lost the server that led its records', async ({ signal }) => {
  const prefix = unique()
  const bus = await join(prefix)
  const mailbox = someRole()
  const reader = await bus.mailboxes.reader(mailbox, { prefetch: 1 })
  const before = await bus.records.append('a', bytes('before'), 0)
  const watched = first(2, await bus.records.watch('a'))
  const lease = await bus.leases.acquire('peer.a', 'holder')
  assert(lease)
  const hash = await bus.blobs.put(bytes('blob'))
  await post(bus, mailbox, 'mail')
  await cluster.kill(await leaderOf(prefix))

  async function append(): Promise<void> {
    const entry = await bus.records.read('a')
    if (entry?.revision === before) await bus.records.append('a', bytes('after'), before)
  }
  async function read(): Promise<void> {
    await insist(append)
    const after = await insist(() => bus.records.read('a'))
    expect(after && text(after.value)).toBe('after')
    expect(await insist(() => bus.records.history('a'))).toHaveLength(2)
    expect(await insist(() => bus.records.latest(''))).toEqual([after])
    expect((await watched).map(({ value }) => text(value))).toEqual(['before', 'after'])
  }
  async function theRest(): Promise<void> {
    expect((await insist(() => bus.leases.renew(lease!, 'holder'))).epoch).toBe(lease!.epoch)
    expect(await insist(() => bus.blobs.get(hash))).toEqual(bytes('blob'))
    expect(text((await take(reader, signal)).frame.body)).toBe('mail')
  }
  await Promise.all([read(), theRest()])
})
