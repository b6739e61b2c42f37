/** The command line: which commands there are, and what becomes of what they end with. */
import yargs, { type Argv } from 'yargs'
import { hideBin } from 'yargs/helpers'
import { COMMANDS, nameOf } from './commands.ts'
import { EXIT, EXIT_CODES } from './exit-code.ts'
import { finish } from './finish.ts'
import { CliError } from './input/error.ts'
import { errorObject } from './show/error.ts'
import { screen } from './show/terminal.ts'
import { version } from './version.ts'

let exitCode: number = EXIT.ok
let begun = false

async function main(args: readonly string[]): Promise<void> {
  const program = yargs(args)
    .scriptName('skein')
    .usage('$0 <command>\n\nPeer-to-peer LLM agents. Nobody supervises.')
    .version(await version())
    .help()
    .alias('help', 'h')
    .demandCommand(1, 'Name a command.')
    .strict()
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .epilogue(`${EXIT_CODES}\n\n${ERRORS_AS_JSON}`)
    .exitProcess(false)
    .check((given) => {
      const twice = Object.keys(given).find((name) => Array.isArray(given[name]) && isOption(name, args))
      if (twice !== undefined) throw new CliError('usage', `"--${twice}" stands there twice`)
      return true
    })
    .fail((message, error) => {
      throw error ?? new CliError('usage', message)
    })
  for (const { usage, describe, load } of COMMANDS) {
    program.command(
      usage,
      describe,
      (async (command: Argv) => (await load()).options(command)) as never,
      async (given: { readonly json?: boolean }) => {
        begun = true
        try {
          exitCode = await (await load()).run(given as never)
        } catch (error) {
          if (given.json === true) sayError(error)
          throw error
        }
      },
    )
  }
  program.completion('completion', 'print a completion script for your shell')
  await program.parseAsync()
}

const ERRORS_AS_JSON = 'With --json a command that fails prints { "error": { "code", "message" } }.'

/** For programs: in place of what a command would have printed. */
const sayError = (error: unknown) =>
  screen(process.stdout).line(JSON.stringify({ error: errorObject(error) }))

/** What stands there twice is a list to the parser; so is what a command takes any number of, without a name. */
const isOption = (name: string, args: readonly string[]): boolean =>
  args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`))

/** Of paths that stand there twice the parser says so in its own words. */
const usageIn = ({ message }: Error): string =>
  message.replace(/^Cannot redefine property: (.+)$/, '"--$1" stands there twice')

const helpFor = (word: string | undefined) =>
  COMMANDS.some((one) => nameOf(one) === word) ? `skein ${word} --help` : 'skein --help'

await finish(async () => {
  try {
    await main(hideBin(process.argv))
  } catch (error) {
    // Before a command has begun, it is the command line that is wrong, or a module is missing.
    if (begun || (error as NodeJS.ErrnoException).code?.startsWith('ERR_')) throw error
    const stderr = screen(process.stderr)
    const usage = new CliError('usage', usageIn(error as Error), { cause: error })
    if (process.argv.includes('--json')) sayError(usage)
    stderr.line(`${stderr.paint('red', 'skein:')} ${usage.message}\n       see ${helpFor(process.argv[2])}`)
    return EXIT.badInput
  }
  return exitCode
})
