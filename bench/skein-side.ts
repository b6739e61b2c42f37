/** The skein side: hosted peers that play as any peers work, and typed, traced signals. It leaves its bus open. */
import { hostname, tmpdir } from 'node:os'
import { type RunId, runId } from '../protocols/ids.ts'
import type { Bus } from '../src/bus/bus.ts'
import type { Subscription } from '../src/bus/signals.ts'
import { jsonLog } from '../src/log.ts'
import { offlineModel } from '../src/model/offline.ts'
import { type HostedPeers, hostPeers } from '../src/peer/host-peers.ts'
import type { Role } from '../src/role/define.ts'
import { drainMicrotasks } from '../src/time/microtasks.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import type { Meter } from '../traces/meter.ts'
import type { SpanSink } from '../traces/span.ts'
import { createEndings } from './endings.ts'
import { pingRole, pongRole, rallyCodec } from './rally.ts'
import { BREATH, checkHeard, type OtherEnd, type Side } from './side.ts'
import { ballsOf, serveOf } from './umpire.ts'

const SUBJECT = { ball: 'rally.ball', heard: 'rally.heard' } as const

/** Hosts the pings. */
export async function skeinSide(bus: Bus): Promise<Side> {
  const clock = systemClock()
  const endings = createEndings()
  const hosted = await hostRole(bus, pingRole, endings.sink)
  const { peer } = hosted.peers[0]!
  const heard = await bus.signals.subscribe(SUBJECT.heard)
  const counts = heard[Symbol.asyncIterator]()
  let runs = 0
  const newRun = (): RunId => runId(`bench-${++runs}`)

  return {
    async play(rallies, hits) {
      const run = newRun()
      const over = endings.next(rallies)
      const serves = Array.from({ length: rallies }, (_, index) => serveOf(run, index + 1, hits, clock.now()))
      const put = (serve: (typeof serves)[number]) =>
        bus.mailboxes.put({ kind: 'peer', peer }, rallyCodec.encode(serve), { dedup: serve.id })
      await Promise.all([over, ...serves.map(put)])
    },
    async shout(signals) {
      const ball = ballsOf(newRun(), signals, clock.now())
      for (let hit = 1; hit <= signals; hit++) {
        bus.signals.publish(SUBJECT.ball, rallyCodec.encode(ball(hit)))
        if (hit % BREATH === 0) await drainMicrotasks()
      }
      const { value } = await counts.next()
      checkHeard(value && new TextDecoder().decode(value.frame.body), signals)
    },
    async leave() {
      heard.close()
      await hosted.drain()
    },
  }
}

/** Hosts the pongs, and listens. */
export async function skeinOtherEnd(bus: Bus): Promise<OtherEnd> {
  const hosted = await hostRole(bus, pongRole)
  const balls = await bus.signals.subscribe(SUBJECT.ball)
  const listening = listen(bus, balls)
  return {
    async leave() {
      balls.close()
      await listening
      await hosted.drain()
    },
  }
}

async function listen(bus: Bus, balls: Subscription): Promise<void> {
  let count = 0
  for await (const { frame } of balls) {
    const { hit, of } = rallyCodec.decode(frame).body as { hit: number; of: number }
    count++
    if (hit < of) continue
    bus.signals.publish(SUBJECT.heard, { headers: {}, body: new TextEncoder().encode(String(count)) })
    count = 0
  }
}

const nowhere: SpanSink = { emit: () => {}, close: async () => {} }

/** One peer, hosted as any peer is. */
export function hostRole(bus: Bus, role: Role, spans = nowhere, meter?: Meter): Promise<HostedPeers> {
  const clock = systemClock()
  const { warn, error } = jsonLog((line) => process.stderr.write(line), clock.now)
  return hostPeers({
    bus,
    clock,
    random: systemRandom(),
    spans,
    meter,
    log: { info: () => {}, warn, error },
    host: hostname(),
    pid: process.pid,
    scratch: tmpdir(),
    roles: [{ role }],
    modelFor: () => offlineModel({}),
  })
}
