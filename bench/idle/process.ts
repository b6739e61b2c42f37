/** A process that hosts idle conversations and says what memory it has in use, until it is let go of. */
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { natsBus } from '../../src/bus/nats/bus.ts'
import type { Server } from '../bare-court.ts'
import { hostRole } from '../skein-side.ts'
import { idleRole, type Kind } from './roles.ts'

/** The first thing it is told. */
export type IdleTask = { readonly server: Server; readonly kind: Kind }

/** Bytes in use once all garbage is gone. What it answers to any further message. */
export type Memory = { readonly heap: number; readonly resident: number }

/** Full collections until nothing more is found: what one of them finalizes, the next one frees. */
const COLLECTIONS = 4

async function memory(): Promise<Memory> {
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    globalThis.gc?.()
    await setImmediate()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, resident: rss }
}

const [{ server, kind }] = (await once(process, 'message')) as [IdleTask]
const released = once(process, 'disconnect')
const bus = await natsBus({ ...server, prefix: kind })
const hosted = await hostRole(bus, idleRole(kind))
process.on('message', async () => process.send?.(await memory()))
process.send?.('ready')
await released
await hosted.drain()
await bus.close()
