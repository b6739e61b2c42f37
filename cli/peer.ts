/** `skein peer`: hosts peers in this process until it is told to stop. */
import { command } from './command.ts'
import { rateOptions } from './input/rates.ts'
import { commonOptions, modelOption, sandboxOption } from './input/settings.ts'
import { serveRoles } from './serve-roles.ts'

export default command(
  (yargs) =>
    rateOptions(sandboxOption(modelOption(commonOptions(yargs))))
      .positional('roles', {
        type: 'string',
        array: true,
        demandOption: true,
        describe:
          'names of roles, Markdown files, or modules that export some; one given twice has two peers',
      })
      .example('$0 peer coder coder', 'two more coders')
      .example('$0 peer ./librarian.md', 'a role of your own'),
  (given) => serveRoles(given),
)
