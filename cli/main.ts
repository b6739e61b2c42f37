#!/usr/bin/env node
/** The command line: which commands there are, and what becomes of what they end with. */
import yargs, { type Argv } from 'yargs'
import { hideBin } from 'yargs/helpers'
import type { Command } from './command.ts'
import { EXIT, EXIT_CODES } from './exit-code.ts'
import { finish } from './finish.ts'
import { screen } from './show/terminal.ts'
import { version } from './version.ts'

type Module = { readonly default: Command<never> }

const COMMANDS: readonly (readonly [usage: string, describe: string, load: () => Promise<unknown>])[] = [
  ['run <goal>', 'set a flock of peers to a goal', () => import('./run.ts')],
  ['runs', 'runs that are under way, or over', () => import('./runs.ts')],
  ['wait <run>', 'until a run is over', () => import('./wait.ts')],
  ['result <run>', 'how a run ended', () => import('./result.ts')],
  ['cancel <run>', 'stop a run, wherever it was started', () => import('./cancel.ts')],
  ['apply <run>', 'write what a run changed into its workspace', () => import('./apply.ts')],
  ['peer <roles..>', 'host peers in this process', () => import('./peer.ts')],
  ['ps', 'who is there: peers, their role, state and load', () => import('./ps.ts')],
  ['tap', 'messages as they pass', () => import('./tap.ts')],
  ['dead [action] [ids..]', 'messages that could not be dealt with', () => import('./dead.ts')],
  ['trace [run]', 'a run as a tree of spans', () => import('./trace.ts')],
  ['diagnose [run]', 'what went wrong in a run, with the spans that show it', () => import('./diagnose.ts')],
  ['protocols', 'the messages as JSON Schema or AsyncAPI', () => import('./protocols.ts')],
  ['simulate', 'the coding job in worlds where everything goes wrong', () => import('./simulate.ts')],
  ['clean', 'remove what runs left that are over', () => import('./clean.ts')],
  ['doctor', 'what works here, what does not, and what to do', () => import('./doctor.ts')],
]

let exitCode: number = EXIT.ok

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
    .epilogue(EXIT_CODES)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(message)
    })
  for (const [usage, describe, load] of COMMANDS) {
    const loaded = async () => ((await load()) as Module).default
    program.command(
      usage,
      describe,
      (async (command: Argv) => (await loaded()).options(command)) as never,
      async (given: unknown) => {
        exitCode = await (await loaded()).run(given as never)
      },
    )
  }
  program.completion('completion', 'print a completion script for your shell')
  await program.parseAsync()
}

const helpFor = (word: string | undefined) =>
  COMMANDS.some(([usage]) => usage.split(' ')[0] === word) ? `skein ${word} --help` : 'skein --help'

/** The command line does not say what a command could do. */
class UsageError extends Error {}

await finish(async () => {
  try {
    await main(hideBin(process.argv))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const stderr = screen(process.stderr)
    stderr.line(`${stderr.paint('red', 'skein:')} ${error.message}\n       see ${helpFor(process.argv[2])}`)
    return EXIT.badInput
  }
  return exitCode
})
