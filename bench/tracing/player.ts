/** A process that plays rallies with itself, each a run of its own, and tells of them what its environment says. */
import { once } from 'node:events'
import { hostname } from 'node:os'
import { runId } from '../../protocols/ids.ts'
import { natsBus } from '../../src/bus/nats/bus.ts'
import { chooseSampler } from '../../src/flock/choose-sampling.ts'
import { chooseTelemetry } from '../../src/flock/choose-telemetry.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import type { Server } from '../bare-court.ts'
import { pingRole, pongRole, rallyCodec } from '../rally.ts'
import { hostRole } from '../skein-side.ts'
import { serveOf } from '../umpire.ts'
import { closingsOf } from './closings.ts'

/** The first thing it is told. */
export type PlayerTask = {
  readonly server: Server
  /** Of the bus: players share a server and nothing else. */
  readonly prefix: string
  readonly env: Readonly<Record<string, string>>
}

/** What it is asked, as JSON; it answers when the last rally is over, with a `Played`. */
export type Play = {
  readonly rallies: number
  readonly hits: number
  /** The part of rallies that is traced, from 0 to 1. */
  readonly ratio: number
}

/** Processor time from the beginning of the play before this one until this one began: its exports are in it. */
export type Played = { readonly cpuBeforeMs: number }

const [{ server, prefix, env }] = (await once(process, 'message')) as [PlayerTask]
const released = once(process, 'disconnect')
for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name]
Object.assign(process.env, env)

const clock = systemClock()
const bus = await natsBus({ ...server, prefix })
const telemetry = chooseTelemetry({
  env: process.env,
  clock,
  ...{ host: hostname(), pid: process.pid },
  warn: () => {}, // that nobody listens is what is measured
})
const closings = closingsOf(pingRole.name, telemetry.meter)
const pings = await hostRole(bus, pingRole, telemetry.spans, closings.meter)
const pongs = await hostRole(bus, pongRole, telemetry.spans, telemetry.meter)
const { peer } = pings.peers[0]!
let runs = 0
let used = process.cpuUsage()

async function play({ rallies, hits, ratio }: Play): Promise<Played> {
  const { user, system } = process.cpuUsage(used)
  used = process.cpuUsage()
  const samples = chooseSampler({
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: String(ratio),
  })
  const over = closings.next(rallies)
  const serves = Array.from({ length: rallies }, () => {
    const run = runId(`${prefix}-${++runs}`)
    return serveOf(run, 1, hits, clock.now(), samples(run))
  })
  const put = (serve: (typeof serves)[number]) =>
    bus.mailboxes.put({ kind: 'peer', peer }, rallyCodec.encode(serve), { dedup: serve.id })
  await Promise.all([over, ...serves.map(put)])
  return { cpuBeforeMs: (user + system) / 1_000 }
}

process.on('message', (question: string) => {
  play(JSON.parse(question)).then(
    (played) => process.send?.(played),
    (error) => {
      process.stderr.write(`${error}\n`)
      process.exit(1)
    },
  )
})
process.send?.('ready')
await released
await Promise.all([pings.drain(), pongs.drain()])
await telemetry.close()
await bus.close()
