/** `skein tap`: messages as they pass, read and not touched, and what long commands print, until it is stopped or the private server is gone. */
import { PROGRESS_SUBJECT } from '../protocols/progress.ts'
import { createRegistry } from '../protocols/registry.ts'
import { createCodec } from '../src/codec/codec.ts'
import { findBus } from '../src/flock/open-bus.ts'
import { serverGone } from '../src/flock/server-gone.ts'
import { listen } from '../src/peer/live-output.ts'
import { systemClock } from '../src/time/system-clock.ts'
import { BUILT_IN_PROTOCOLS } from './built-in-protocols.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { namedRoles } from './input/roles.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { stopOnSignals } from './input/stop.ts'
import { readPassing, showPassing } from './show/passing.ts'
import { showPrinted } from './show/printed.ts'
import { screen } from './show/terminal.ts'

export default command(
  (yargs) =>
    commonOptions(yargs)
      .option('run', { type: 'string', requiresArg: true, describe: 'only what is of this run' })
      .option('json', {
        type: 'boolean',
        describe: 'print a JSON object for each message, and for what a command prints one with "printed"',
      }),
  async (given) => {
    const settings = await readSettings(given)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const roles = [...(await namedRoles(settings.config)).values()]
    const more = new Set(roles.flatMap(({ accepts, sends }) => [...accepts, ...sends]))
    const codec = createCodec(createRegistry(BUILT_IN_PROTOCOLS, [...more]))
    const stop = stopOnSignals()
    const [lost, over] = [new AbortController(), new AbortController()]
    const say = (text: string) => {
      err.line(text)
      lost.abort()
    }
    const { kind, bus, url, leave } = await findBus({ ...settings, say })
    try {
      const tap = await bus.mailboxes.tap()
      const signal = AbortSignal.any([stop.signal, over.signal])
      signal.addEventListener('abort', () => tap.close(), { once: true })
      if (kind === 'embedded' && url !== undefined) {
        const watched = { stateDir: settings.stateDir, url, clock: systemClock(), lost: lost.signal, signal }
        const end = () => over.abort()
        void serverGone(watched).then(end, end)
      }
      const printed = await listen(bus.signals, PROGRESS_SUBJECT.all, (heard) => {
        if (given.run !== undefined && heard.run !== given.run) return
        if (given.json) out.line(JSON.stringify({ printed: heard }))
        else for (const line of showPrinted(heard, out)) out.line(line)
      })
      signal.addEventListener('abort', printed.stop, { once: true })
      err.line(err.paint('dim', `listening at ${url}; Ctrl-C ends it`))
      for await (const { mailbox, frame } of tap) {
        const passing = readPassing(codec, mailbox, frame)
        if (given.run !== undefined && passing.run !== given.run) continue
        out.line(given.json ? JSON.stringify(passing) : showPassing(passing, out))
      }
      if (over.signal.aborted && !stop.signal.aborted)
        err.line('the private server ended with its last user, and so does this')
      return stop.by() === 'SIGINT' ? EXIT.interrupted : EXIT.ok
    } finally {
      await leave()
    }
  },
)
