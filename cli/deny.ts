/** `skein deny`: refuses what waits for a person; the agent is told why, and goes on. */
import { command } from './command.ts'
import { decideWaits, manyOptions } from './deciding.ts'
import { chosenWaits } from './input/waits.ts'

export default command(
  (yargs) =>
    manyOptions(yargs)
      .option('reason', { type: 'string', requiresArg: true, describe: 'is told to the agent' })
      .example('$0 deny r-mb4k2x9f-3fa1 7c01 --reason "use the test database"', '')
      .epilogue('A question can be denied as well: then nobody answers it.'),
  async (given) => {
    const { ids, all = false, reason = null } = given
    return decideWaits(given, {
      verdict: 'deny',
      ids,
      choose: (open, known) => chosenWaits(open, known, { ids, all }),
      textFor: () => reason,
    })
  },
)
