/**
 * `npm run rules`: the rules as an endpoint, to point skein at by hand. Says which variables to set and, once it is
 * stopped, what it was asked and how often each rule replied.
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { exitCodeFor } from '../../cli/exit-code.ts'
import { CliError } from '../../cli/input/error.ts'
import { stopOnSignals } from '../../cli/input/stop.ts'
import { showError } from '../../cli/show/error.ts'
import { table } from '../../cli/show/table.ts'
import { screen } from '../../cli/show/terminal.ts'
import { startRules } from './server.ts'

const HELP = `npm run rules -- [options]

  --port NUMBER   where it listens on this machine  [any free port]`

const [out, err] = [screen(process.stdout), screen(process.stderr)]
const { signal } = stopOnSignals()

/** @throws CliError `cli.usage` */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    })
    return { ...values, port: portIn(values.port) }
  } catch (cause) {
    throw new CliError('usage', `${(cause as Error).message}: see --help`, { cause })
  }
}

function portIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 2 ** 16) return port
  throw new Error(`"${text}" is no port`)
}

async function main(): Promise<void> {
  const { help, port } = readOptions()
  if (help) return out.line(HELP)
  const endpoint = await startRules(port)
  out.line(`export OPENAI_BASE_URL=${endpoint.url}`)
  out.line('export OPENAI_API_KEY=rules OPENAI_MODEL=rules')
  err.line('Any key will do. Ctrl-C stops it.')
  if (!signal.aborted) await once(signal, 'abort')
  await endpoint.close()
  const { requests, used, fired } = endpoint
  err.line(`${requests.length} requests, ${used.input} tokens in, ${used.output} out, by its own count`)
  const rows = [...fired].sort(([one], [other]) => (one < other ? -1 : 1))
  for (const line of table(
    ['rule', 'replies'],
    rows.map(([rule, count]) => [rule, `${count}`]),
    err,
  ))
    err.line(line)
}

try {
  await main()
} catch (error) {
  showError(error, err)
  process.exitCode = exitCodeFor(error)
}
