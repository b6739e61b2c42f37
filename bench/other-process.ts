/** The other process: the other ends of both sides, until whoever started it lets go of it. */
import { once } from 'node:events'
import { natsBus } from '../src/bus/nats/bus.ts'
import { openCourt, type Server } from './bare-court.ts'
import { bareOtherEnd } from './bare-side.ts'
import type { Sizes } from './sizes.ts'
import { skeinOtherEnd } from './skein-side.ts'

/** The first thing it is told. */
export type RallyTask = { readonly server: Server; readonly sizes: Sizes }

const [{ server, sizes }] = (await once(process, 'message')) as [RallyTask]
const released = once(process, 'disconnect')
const bus = await natsBus(server)
const ends = [await skeinOtherEnd(bus), await bareOtherEnd(await openCourt(server), sizes)]
process.send?.('ready')
await released
await Promise.all(ends.map((end) => end.leave()))
await bus.close()
