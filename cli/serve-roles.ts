/** Hosting roles by name or module, for `skein peer` and for the processes that a run starts. */
import type { SandboxWish } from '../src/flock/choose-sandbox.ts'
import { servePeers } from '../src/flock/serve-peers.ts'
import { ownTether } from '../src/flock/tether.ts'
import { jsonLog } from '../src/log.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { EXIT } from './exit-code.ts'
import { type RateWish, wishedRates } from './input/rates.ts'
import { chosenRoles, namedRoles } from './input/roles.ts'
import { readSettings } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'
import { screenLog } from './show/log.ts'
import { screen } from './show/terminal.ts'

export type ServeRoles = RateWish & {
  readonly roles: readonly string[]
  readonly nats?: string | undefined
  readonly stateDir?: string | undefined
  readonly config?: string | undefined
  readonly model?: string | undefined
  readonly sandbox?: SandboxWish | undefined
  /** A run started this process: it leaves with the last run. */
  readonly withRuns?: boolean
}

/** Until it is told to stop, or no run needs it. Answers the exit code. */
export async function serveRoles(given: ServeRoles): Promise<number> {
  const settings = await readSettings(given)
  const { config } = settings
  const named = await namedRoles(config, given.roles)
  const roles = (await chosenRoles(given.roles, named, config)).map((role) => ({ role, count: 1 }))
  const clock = systemClock()
  const err = screen(process.stderr)
  const log = err.live ? screenLog(err) : jsonLog((line) => process.stderr.write(line), clock.now)
  const tether = given.withRuns ? ownTether() : undefined
  // Ctrl-C and a closed terminal are for the run, which then lets go of its peers.
  const stop = stopOnSignals(given.withRuns ? ['SIGINT', 'SIGHUP'] : [])

  await servePeers({
    ...settings,
    roles,
    ...wishedRates(given, config, settings.env),
    model: given.model ?? config.model,
    withRuns: given.withRuns ? (tether?.cut ?? new AbortController().signal) : undefined,
    onReady(members, { kind, url }) {
      log.info('ready', { peers: members.map(({ peer }) => peer).join(' '), bus: kind, url })
      tether?.sayReady(members)
    },
    say: (text) => log.warn(text),
    log,
    clock,
    random: systemRandom(),
    signal: stop.signal,
  })
  log.info('left')
  return EXIT.ok
}
