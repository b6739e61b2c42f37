/** Processes that host peers, and runs among them, on one memory network whose clock stands still. */
import { onTestFinished } from 'vitest'
import { type RunId, runId } from '../../protocols/ids.ts'
import type { Faults } from '../../src/bus/memory/faults.ts'
import { silentLog } from '../../src/log.ts'
import { offlineModel } from '../../src/model/offline.ts'
import { type HostedPeers, type HostPeersOptions, hostPeers } from '../../src/peer/host-peers.ts'
import type { ProcessPorts } from '../../src/peer/process.ts'
import type { Role } from '../../src/role/define.ts'
import { type StartRunOptions, startRun } from '../../src/run/start-run.ts'
import type { RunEnd } from '../../src/run/watch-run.ts'
import { mortalClock } from '../../src/time/mortal-clock.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { Span } from '../../traces/span.ts'
import { pass, settled, virtualNetwork } from '../bus/memory/virtual.ts'
import { dispatcher, errands, runner } from '../simulation/errands.ts'
import { countingMeter } from '../turn/counting-meter.ts'

export { dispatcher, errands, runner }

export const run: RunId = runId('r1')

/** Four errands, for the dispatcher. */
export const shopping: StartRunOptions['start'] = {
  role: 'dispatcher',
  message: errands.messages.plan,
  body: { errands: ['milk', 'bread', 'salt', 'tea'] },
  answers: [errands.messages.report],
}

export const everything = {
  kind: 'answer',
  type: 'errands.report',
  body: { done: ['bread', 'milk', 'salt', 'tea'].map((one) => `${one}! more ${one}!`), failed: 0 },
}

/** What a role's model is unless a test has another: its own policy. */
export const offline = (role: Role) => offlineModel({ [role.name]: role.policy })

export function flock(faults?: Faults) {
  const { clock, network } = virtualNetwork(faults)
  const processes: HostedPeers[] = []
  const counts = countingMeter()
  onTestFinished(async () => {
    await Promise.all(processes.map((process) => settled(clock, process.drain())))
  })

  /** What a process of this name brings. Its clock stops with it. */
  function process(name: string) {
    const own = mortalClock(clock)
    const spans: Span[] = []
    const ports: ProcessPorts = {
      bus: network.connect(name),
      clock: own,
      random: seededRandom(1).fork(name),
      spans: { emit: (some) => void spans.push(...some), close: async () => {} },
      meter: counts.meter,
      log: silentLog,
      host: name,
      pid: 1,
      scratch: '',
    }
    return {
      ports,
      spans,
      die() {
        own.stop()
        network.crash(name)
      },
    }
  }

  const ports = process('submitter')
  return {
    clock,
    network,
    /** What all processes counted. */
    counts,
    process,
    pass: (ms: number) => pass(clock, ms),
    settled: <Value>(promise: Promise<Value>) => settled(clock, promise),

    /** A process with peers of these roles, drained when the test is over. */
    async host(name: string, roles: HostPeersOptions['roles'], more: Partial<HostPeersOptions> = {}) {
      const { ports: brought, spans, die } = process(name)
      const hosted = await settled(clock, hostPeers({ ...brought, roles, modelFor: offline, ...more }))
      processes.push(hosted)
      return Object.assign(hosted, {
        spans,
        die() {
          die()
          processes.splice(processes.indexOf(hosted), 1)
        },
      })
    },

    /** Starts a run; it goes on whenever time does. */
    start: async (more: Partial<StartRunOptions> = {}): Promise<RunEnd> => {
      const end = await startRun({
        ...ports.ports,
        run,
        goal: 'go shopping',
        start: shopping,
        timeoutMs: 600_000,
        ...more,
      })
      return end!
    },
    submitter: ports,
  }
}
