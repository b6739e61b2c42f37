/** `skein peer`: hosts peers in this process until it is told to stop, or until no run needs them. */
import { servePeers } from '../src/flock/serve-peers.ts'
import { ownTether } from '../src/flock/tether.ts'
import { jsonLog } from '../src/log.ts'
import { systemRandom } from '../src/time/random.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { chosenRoles, namedRoles } from './input/roles.ts'
import { commonOptions, modelOption, readSettings } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'
import { screenLog } from './show/log.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    modelOption(commonOptions(yargs))
      .positional('roles', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'names of roles, or modules that export some; one given twice has two peers',
      })
      .option('with-runs', { type: 'boolean', hidden: true })
      .example('$0 peer coder coder', 'two more coders')
      .example('$0 peer ./librarian.js', 'a role of your own'),
  async (given) => {
    const settings = await readSettings(given)
    const { config } = settings
    const named = await namedRoles(config, given.roles)
    const roles = (await chosenRoles(given.roles, named)).map((role) => ({ role, count: 1 }))
    const clock = systemClock()
    const err = screen(process.stderr)
    const log = err.live ? screenLog(err) : jsonLog((line) => process.stderr.write(line), clock.now)
    const tether = given.withRuns ? ownTether() : undefined
    // Ctrl-C and a closed terminal are for the run, which then lets go of its peers.
    const stop = stopOnSignals(given.withRuns ? ['SIGINT', 'SIGHUP'] : [])

    await servePeers({
      ...settings,
      roles,
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
  },
)
