/** What several commands take: where things are. The command line counts most, then the environment, then the config. */
import { resolve } from 'node:path'
import type { Argv } from 'yargs'
import { SANDBOX_WISHES, type SandboxWish } from '../../src/flock/choose-sandbox.ts'
import { STATE_FOLDER } from '../../src/flock/state-folder.ts'
import { type Config, readConfig } from './config.ts'
import { sendSpansTo, wishedJaeger } from './jaeger.ts'

export const configOption = <T>(yargs: Argv<T>) =>
  yargs.option('config', {
    type: 'string',
    requiresArg: true,
    normalize: true,
    describe: 'config file  [default: skein.config.js, .mjs or .json]',
  })

export const commonOptions = <T>(yargs: Argv<T>) =>
  configOption(
    yargs
      .option('nats', {
        type: 'string',
        requiresArg: true,
        describe: 'URL of a NATS server, instead of a private one  [NATS_URL]',
      })
      .option('state-dir', {
        type: 'string',
        requiresArg: true,
        normalize: true,
        describe: 'where runs, logs and the private server are kept  [default: .skein]',
      }),
  )

export const modelOption = <T>(yargs: Argv<T>) =>
  yargs.option('model', {
    type: 'string',
    requiresArg: true,
    describe:
      'a model of the endpoint, or "offline"  [OPENAI_MODEL; offline without OPENAI_API_KEY and OPENAI_BASE_URL]',
  })

export const sandboxOption = <T>(yargs: Argv<T>) =>
  yargs.option('sandbox', {
    choices: SANDBOX_WISHES,
    requiresArg: true,
    describe: 'what the commands of agents run in; "require" is any, or no run  [SKEIN_SANDBOX; auto]',
  })

/** What yargs makes of a command's options. */
export type Parsed<Options extends (yargs: Argv) => Argv<unknown>> =
  ReturnType<Options> extends Argv<infer Result> ? Result : never

export type Settings = {
  readonly config: Config
  readonly configFile?: string
  readonly stateDir: string
  readonly nats: string | undefined
  /** Address of its page, where somebody asked for it. */
  readonly jaeger?: string
  /** What the commands of agents run in, where the command line or the config says so. */
  readonly sandbox?: SandboxWish
  readonly env: NodeJS.ProcessEnv
}

/** Has spans go to Jaeger where that is asked for. @throws CliError `cli.config`, `cli.jaeger` */
export async function readSettings(given: {
  readonly nats?: string | undefined
  readonly stateDir?: string | undefined
  readonly config?: string | undefined
  readonly jaeger?: string | undefined
  readonly sandbox?: SandboxWish | undefined
}): Promise<Settings> {
  const { env } = process
  const jaeger = wishedJaeger(given.jaeger, env)
  if (jaeger !== undefined) sendSpansTo(jaeger, env)
  const { config, file } = await readConfig(given.config, process.cwd())
  const sandbox = given.sandbox ?? (env.SKEIN_SANDBOX ? undefined : config.sandbox)
  return {
    config,
    ...(sandbox !== undefined && { sandbox }),
    ...(file !== undefined && { configFile: file }),
    stateDir: resolve(given.stateDir ?? config.stateDir ?? STATE_FOLDER),
    nats: given.nats || env.NATS_URL || config.nats,
    ...(jaeger !== undefined && { jaeger }),
    env,
  }
}
