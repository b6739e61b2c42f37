/** Starting peers as `skein run` does, each in a process of its own, beside processes that do nothing. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { namedRoles, roleNamed } from '../cli/input/roles.ts'
import { peerArgs } from '../cli/peer-args.ts'
import { type PeerProcesses, spawnPeers } from '../src/flock/spawn-peers.ts'
import { OFFLINE_MODEL } from '../src/model/offline.ts'
import { systemClock } from '../src/time/system-clock.ts'

export interface Starts {
  /** Resolves when so many peers are ready. */
  peers(count: number): Promise<void>
  /** Resolves when so many `node -e 0` have come and gone. */
  nothing(count: number): Promise<void>
  /** Ends the peers. */
  tidy(): Promise<void>
}

const ROLE = 'coder'

/** @param stateDir of the server that the peers join */
export async function createStarts(stateDir: string, signal: AbortSignal): Promise<Starts> {
  // Certificates to read would add to the start of every Node.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
  const roles = await namedRoles({}, [ROLE])
  const argsOf = peerArgs(roles, { config: {}, stateDir, nats: undefined, env, model: OFFLINE_MODEL })
  const args = argsOf(roleNamed(ROLE, roles))!
  let started: PeerProcesses | undefined
  return {
    async peers(count) {
      started = await spawnPeers({
        commands: Array.from({ length: count }, (_, index) => ({ name: `${ROLE}-${index + 1}`, args })),
        env,
        logDir: join(stateDir, 'logs'),
        clock: systemClock(),
        signal,
      })
    },
    async nothing(count) {
      const processes = Array.from({ length: count }, () =>
        spawn(process.execPath, ['-e', '0'], { env, stdio: 'ignore' }),
      )
      await Promise.all(processes.map((one) => once(one, 'exit')))
    },
    async tidy() {
      await started?.letGo(async () => false)
      started = undefined
    },
  }
}
