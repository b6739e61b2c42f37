/** Brings a flock together: counts who is there, starts a process for each who is missing, or hosts them here. */
import type { Env } from '../embedded/command.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Role } from '../role/define.ts'
import type { ChosenModel } from './choose-model.ts'
import { hostHere } from './host-here.ts'
import { liveRuns } from './live-runs.ts'
import { type Member, muster, type Wanted } from './muster.ts'
import { type PeerCommand, spawnPeers } from './spawn-peers.ts'

/** Arguments of `node` for a process with one peer of a role, or undefined for a role that only this process has. */
export type PeerArgs = (role: Role) => readonly string[] | undefined

export type GatherOptions = {
  readonly ports: ProcessPorts
  readonly wanted: Wanted
  readonly model: ChosenModel
  readonly peerArgs: PeerArgs
  readonly env: Env
  readonly logDir: string
  readonly signal: AbortSignal
}

export type Flock = {
  readonly members: readonly Member[]
  /** How many of them have a process that was started for them now. */
  readonly started: number
  /** Some of them live in this process: a run cannot be left to them. */
  readonly isAlone: boolean
  /** Lets go of those who were gathered here; they stay while another run uses them. */
  dismiss(): Promise<void>
}

export async function gather(options: GatherOptions): Promise<Flock> {
  const { ports, wanted, model, peerArgs, logDir } = options
  const { present, missing } = await muster(ports.bus, ports.clock, wanted, model.name)
  const commands = missing.flatMap(({ role, count }) => commandsFor(role, count, peerArgs))
  const guests = missing.filter(({ role }) => peerArgs(role) === undefined)
  const needed = async () => {
    const runs = await liveRuns(ports.bus).catch(() => undefined)
    return runs === undefined || runs.length > 0 // who cannot be asked may be needed
  }
  const spawned =
    commands.length === 0 ? undefined : await spawnPeers({ ...options, clock: ports.clock, commands, logDir })
  try {
    const { hosted, members } = await hostHere(ports, guests, model)
    const started = spawned?.members ?? []
    const byName = (a: Member, b: Member) => a.peer.localeCompare(b.peer, 'en', { numeric: true })
    return {
      members: [...present, ...started, ...members].sort(byName),
      started: started.length,
      isAlone: members.length > 0,
      async dismiss() {
        await Promise.allSettled([hosted.drain(), spawned?.letGo(needed)])
      },
    }
  } catch (error) {
    await spawned?.letGo(needed)
    throw error
  }
}

function commandsFor(role: Role, count: number, peerArgs: PeerArgs): PeerCommand[] {
  const args = peerArgs(role)
  if (args === undefined) return []
  return Array.from({ length: count }, (_, index) => ({ name: `${role.name}.${index + 1}`, args }))
}
