/** `skein approve`: lets calls of tools go on that wait for it, from any machine. */
import { command } from './command.ts'
import { decideWaits, manyOptions } from './deciding.ts'
import { chosenWaits } from './input/waits.ts'

export default command(
  (yargs) =>
    manyOptions(yargs)
      .option('note', { type: 'string', requiresArg: true, describe: 'is kept beside the approval' })
      .example('$0 approve r-mb4k2x9f-3fa1 7c01', '')
      .example('$0 approve r-mb4k2x9f-3fa1 --all --note "seen"', '')
      .epilogue('What an agent asks is not approved but answered: --all leaves it out.'),
  async (given) => {
    const { ids, all = false, note = null } = given
    return decideWaits(given, {
      verdict: 'approve',
      ids,
      choose: (open, known) =>
        chosenWaits(all ? open.filter(({ kind }) => kind === 'approval') : open, known, { ids, all }),
      textFor: () => note,
    })
  },
)
