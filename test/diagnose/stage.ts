/**
 * A run of real hosts on a memory network, in virtual time and from one seed, seen through to its end: what became of
 * it, and its spans. Processes may join late and be killed.
 */
import { runId } from '../../protocols/ids.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { memoryNetwork } from '../../src/bus/memory/network.ts'
import { silentLog } from '../../src/log.ts'
import type { Model } from '../../src/model/model.ts'
import { type HostedPeers, hostPeers, type Seating } from '../../src/peer/host-peers.ts'
import type { ProcessPorts } from '../../src/peer/process.ts'
import type { Role } from '../../src/role/define.ts'
import { type StartRunOptions, startRun } from '../../src/run/start-run.ts'
import { spansOfRun } from '../../src/run/trace.ts'
import type { RunEnd } from '../../src/run/watch-run.ts'
import type { Clock } from '../../src/time/clock.ts'
import { mortalClock } from '../../src/time/mortal-clock.ts'
import { type SeededRandom, seededRandom } from '../../src/time/random.ts'
import { virtualClock } from '../../src/time/virtual-clock.ts'
import type { Span } from '../../traces/span.ts'
import { settled } from '../bus/memory/virtual.ts'
import { type PacedModelOptions, pacedModel, steps } from './paced-model.ts'

export type StagedProcess = {
  readonly name: string
  readonly roles: readonly Seating[]
  /** Milliseconds after the run began; it is there from the beginning unless given. */
  readonly joinsAt?: number
  /** Killed then, in milliseconds after the run began. */
  readonly diesAt?: number
}

export type Setting = Pick<StartRunOptions, 'goal' | 'start'> &
  Partial<Pick<StartRunOptions, 'hops' | 'limits' | 'timeoutMs'>> & {
    readonly run?: string
    readonly seed?: number
    readonly processes: readonly StagedProcess[]
    /** How the model of a role is paced, where it is not as usual. */
    readonly pace?: Readonly<Record<string, Omit<PacedModelOptions, 'clock' | 'random'>>>
    /** Puts what the run begins with on the bus. */
    readonly prepare?: (bus: Bus) => Promise<Pick<StartRunOptions, 'base' | 'documents'>>
  }

export type Staged = Pick<RunEnd, 'output' | 'record'> & { readonly spans: readonly Span[] }

/** 2026-03-02, 09:15:00 UTC */
const BEGINNING_MS = 1_772_442_900_000

/** Each process with all its roles, one peer of each. */
export const process = (name: string, ...roles: readonly Role[]): StagedProcess => ({
  name,
  roles: roles.map((role) => ({ role })),
})

export async function stage(setting: Setting): Promise<Staged> {
  const { seed = 1, run = 'staged', goal, start, hops, limits, timeoutMs = 900_000 } = setting
  const clock = virtualClock(BEGINNING_MS)
  const random = seededRandom(seed)
  const network = memoryNetwork({ clock, random: random.fork('network') })
  const hosted: Promise<HostedPeers>[] = []
  let pid = 0

  function begin({ name, roles, joinsAt = 0, diesAt }: StagedProcess): Promise<unknown> {
    const own = mortalClock(clock)
    const chance = random.fork(name)
    const ports = portsOf(name, own, chance)
    const hosting = hostPeers({ ...ports, roles, modelFor: (role) => modelOf(role, own, chance) })
    if (diesAt === undefined) hosted.push(hosting)
    else
      clock.setTimer(diesAt - joinsAt, () => {
        own.stop()
        network.crash(name)
      })
    return hosting
  }

  const portsOf = (host: string, own: Clock, chance: SeededRandom): ProcessPorts => ({
    ...{ bus: network.connect(host), clock: own, random: chance.fork('process'), host, pid: ++pid },
    ...{ spans: { emit: () => {}, close: async () => {} }, log: silentLog, scratch: '' },
  })

  const modelOf = (role: Role, own: Clock, chance: SeededRandom): Model =>
    pacedModel(role.policy ?? steps({ kind: 'give-up', reason: `the ${role.name} has no policy` }), {
      ...{ clock: own, random: chance.fork(`model of ${role.name}`) },
      ...setting.pace?.[role.name],
    })

  const submitter = portsOf('submitter', clock, random.fork('submitter'))
  // It may read from a disk, which takes real time and no virtual one.
  const trees = await setting.prepare?.(submitter.bus)
  for (const process of setting.processes) {
    if (process.joinsAt === undefined) await settled(clock, begin(process))
    else clock.setTimer(process.joinsAt, () => void begin(process))
  }
  const running = startRun({
    ...{ ...submitter, ...trees, run: runId(run), goal, start, timeoutMs },
    ...(hops !== undefined && { hops }),
    ...(limits !== undefined && { limits }),
  })
  const { journal, record, output } = (await settled(clock, running))!
  await settled(clock, Promise.all(hosted.map(async (hosting) => (await hosting).drain())))
  return { output, record, spans: spansOfRun(journal, record) }
}
