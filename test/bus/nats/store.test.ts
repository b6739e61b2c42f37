import type { JetStreamClient, JetStreamPublishOptions, PubAck } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { AmbiguousError } from '../../../src/bus/errors.ts'
import type { Connection } from '../../../src/bus/nats/connection.ts'
import { type Store, storeOver } from '../../../src/bus/nats/store.ts'

type Server = { readonly version: string; readonly cluster?: string }

/** A store on a server that answers every publish with `ack`, and what it was told with the last. */
function storeOn(
  server: Server,
  ack: Partial<PubAck>,
): { store: Store; told: () => JetStreamPublishOptions } {
  let told: Partial<JetStreamPublishOptions> = {}
  const connection = {
    server: () => server,
    requestTimeoutMs: 1_000,
    write: <T>(_: string, request: () => Promise<T>) => request(),
  }
  const client = {
    async publish(_: string, __: Uint8Array, options: Partial<JetStreamPublishOptions>) {
      told = options
      return { stream: 'S', seq: 8, duplicate: false, ...ack }
    },
  }
  return {
    store: storeOver(connection as unknown as Connection, client as unknown as JetStreamClient),
    told: () => told as JetStreamPublishOptions,
  }
}

const append = { what: 'an append', subject: 'a', body: new Uint8Array(), expected: 7 }
const put = { what: 'a put', subject: 'a', body: new Uint8Array(), dedup: 'id' }

test.each([
  ['a cluster that compares too early', { version: '2.9.20', cluster: 'c' }, 'a@7'],
  ['a cluster that compares when it applies', { version: '2.9.21', cluster: 'c' }, undefined],
  ['a single server', { version: '2.9.20' }, undefined],
])('an append in %s is fenced where it has to be', async (_, server, fence) => {
  const { store, told } = storeOn(server, {})
  expect(await store(append)).toEqual({ kind: 'stored', sequence: 8 })
  expect(told().msgID).toBe(fence)
  expect(told().expect).toEqual({ lastSubjectSequence: 7 })
})

test('an append that the fence stops has lost', async () => {
  const { store } = storeOn({ version: '2.9.20', cluster: 'c' }, { duplicate: true })
  expect(await store(append)).toEqual({ kind: 'conflict' })
})

test('a duplicate is stored', async () => {
  const { store } = storeOn({ version: '2.10.29', cluster: 'c' }, { duplicate: true })
  expect(await store(put)).toEqual({ kind: 'stored', sequence: 8 })
})

test('a duplicate of what may never be stored is ambiguous', async () => {
  const { store } = storeOn({ version: '2.10.29', cluster: 'c' }, { duplicate: true, seq: 0 })
  await expect(store(put)).rejects.toBeInstanceOf(AmbiguousError)
})
