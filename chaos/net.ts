/** What a flight is held together by: servers, their environment for skein, a bus, and a look at the wire. */
import { join } from 'node:path'
import type { Bus } from '../src/bus/bus.ts'
import { UnavailableError } from '../src/bus/errors.ts'
import { openBus } from '../src/flock/open-bus.ts'
import { sleep } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'
import type { Plan } from './plan.ts'
import { type Servers, startServers } from './servers.ts'
import type { Stage } from './stage.ts'
import { openWire, type Wire } from './wire.ts'
import { plainEnvironment } from './workspace.ts'

export interface Net {
  readonly servers: Servers
  readonly bus: Bus
  readonly wire: Wire
  /** For every process of the flight. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Between two attempts. */
const AGAIN_MS = 250

/** Resolves when the streams are there, made with the settings of the plan. */
export async function openNet(stage: Stage, plan: Pick<Plan, 'servers' | 'adoptionS'>): Promise<Net> {
  const { clock, signal, folder } = stage
  const servers = await startServers(stage, plan.servers)
  const env = {
    ...plainEnvironment(),
    TMPDIR: join(folder, 'tmp'),
    NATS_URL: servers.url,
    NATS_TOKEN: servers.token,
    SKEIN_ADOPTION: `${plan.adoptionS}s`,
    SKEIN_NATS_REPLICAS: `${plan.servers}`,
  }
  const { bus } = await patiently(() =>
    openBus({ env, stateDir: folder, say: () => {}, clock, random: systemRandom(), signal }),
  )
  const wire = await openWire(servers)

  /** A cluster takes its time to agree on who leads. */
  async function patiently<T>(open: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await open()
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error
        signal.throwIfAborted()
        await sleep(clock, AGAIN_MS, signal)
      }
    }
  }

  return {
    servers,
    bus,
    wire,
    env,
    async close() {
      await Promise.all([bus.close(), wire.close()])
      await Promise.all(servers.all.map((server) => server.end('SIGKILL')))
    },
  }
}
