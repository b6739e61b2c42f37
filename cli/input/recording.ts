/** Recording a run, and replaying one: options of `skein run` and `skein ask`, and what does not go with them. */
import type { Argv } from 'yargs'
import type { RecordTo } from '../../src/flock/recording-file.ts'
import { version } from '../version.ts'
import { CliError } from './error.ts'

/** What is in the recording, or is of no use to a replay: nothing is asked of a model, and nobody is started. */
const SETTLED = [
  ...['goal', 'workspace', 'documents', 'peers', 'rounds', 'timeout', 'topology', 'placement', 'approve'],
  ...['max-tokens', 'max-cost', 'max-messages', 'hops', 'nats', 'detach', 'here', 'apply', 'jaeger'],
  ...['model', 'fallback-models', 'requests-per-minute', 'tokens-per-minute'],
]

export const recordOptions = <T>(yargs: Argv<T>) =>
  yargs
    .option('record', {
      type: 'string',
      normalize: true,
      requiresArg: true,
      describe: 'record it into a file, which holds prompts and files as they are',
    })
    .option('force', { type: 'boolean', describe: 'with --record: take the place of a file that is there' })
    .implies('force', 'record')

export const recordingOptions = <T>(yargs: Argv<T>) =>
  recordOptions(yargs)
    .option('replay', {
      type: 'string',
      normalize: true,
      requiresArg: true,
      describe: 'do a recorded run again: no model, no tool, no network; goal and workspace are in the file',
    })
    .conflicts('record', 'detach')
    .check((given) => {
      const { replay } = given as { readonly replay?: string }
      const isThere = (name: string) => (given as Record<string, unknown>)[name] !== undefined
      const isAway = (given as { readonly human?: boolean }).human === false
      const settled = replay === undefined ? undefined : (SETTLED.find(isThere) ?? (isAway && 'no-human'))
      if (settled) {
        const what = settled === 'goal' ? settled : `--${settled}`
        throw new CliError('usage', `--replay takes no ${what}: it does what was recorded`)
      }
      const missing = replay === undefined ? ['goal', 'workspace'].find((name) => !isThere(name)) : undefined
      if (missing !== undefined)
        throw new CliError(
          'usage',
          `a run takes a goal and --workspace, or --replay: ${missing === 'goal' ? 'the goal' : '--workspace'} is missing`,
        )
      return true
    })

export async function recordTo(given: {
  readonly record?: string | undefined
  readonly force?: boolean | undefined
}): Promise<RecordTo | undefined> {
  return given.record === undefined
    ? undefined
    : { file: given.record, force: given.force ?? false, skein: await version() }
}
