/** A command of the command line: its options, and what it does. Its module is loaded when it is asked for. */
import type { ArgumentsCamelCase, Argv } from 'yargs'

export type Command<Options> = {
  readonly options: (yargs: Argv) => Argv<Options>
  /** Answers the exit code. What it throws is shown as an error. */
  readonly run: (given: ArgumentsCamelCase<Options>) => Promise<number>
}

/** Binds the options of a command to what it does with them. */
export const command = <Options>(options: (yargs: Argv) => Argv<Options>, run: Command<Options>['run']) => ({
  options,
  run,
})
