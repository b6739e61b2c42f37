/** What only a client of NATS sees: who leads a cluster, and how often mail was delivered. */
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { subjectsOf } from '../src/bus/nats/subjects.ts'
import type { Servers } from './servers.ts'

export interface Wire {
  /** Name of the server that leads the stream of the records; undefined while none does. */
  leader(): Promise<string | undefined>
  /** Deliveries of mail after the first, of those that a host answered. */
  redeliveries(): number
  close(): Promise<void>
}

/** The prefix that an installation has unless told. */
const { mailStream, recordStream } = subjectsOf('skein')

export async function openWire({ url, token }: Servers): Promise<Wire> {
  const servers = url.split(',')
  const nats = await connect({ servers, token, maxReconnectAttempts: -1, noAsyncTraces: true })
  const manager = await jetstreamManager(nats, { checkAPI: false })
  /** By sequence in the stream. */
  const deliveries = new Map<string, number>()
  nats.subscribe('$JS.ACK.>', {
    // An answer to a delivery says which it is: $JS.ACK.….<stream>.<consumer>.<delivered>.<sequence>.…
    callback(_, { subject }) {
      const tokens = subject.split('.')
      const stream = tokens.indexOf(mailStream)
      if (stream === -1) return
      const [delivered, sequence] = tokens.slice(stream + 2)
      deliveries.set(sequence!, Math.max(Number(delivered), deliveries.get(sequence!) ?? 1))
    },
  })
  await nats.flush()
  return {
    async leader() {
      const { cluster } = await manager.streams.info(recordStream)
      return cluster?.leader
    },
    redeliveries: () => [...deliveries.values()].reduce((sum, delivered) => sum + delivered - 1, 0),
    close: () => nats.close(),
  }
}
