/** `skein answer`: answers what an agent asks a person. */
import type { Wait } from '../src/people/wait.ts'
import { command } from './command.ts'
import { decideWaits, decidingOptions, saidText } from './deciding.ts'
import { waitNamed } from './input/waits.ts'

export default command(
  (yargs) =>
    decidingOptions(yargs)
      .positional('id', {
        type: 'string',
        demandOption: true,
        describe: 'id of the question, or its beginning',
      })
      .positional('text', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'the answer, or the number of a choice',
      })
      .example('$0 answer r-mb4k2x9f-3fa1 7c01 "British spelling"', ''),
  async (given) => {
    const text = saidText(given.text.join(' '), 'the answer')
    return decideWaits(given, {
      verdict: 'answer',
      ids: [given.id],
      choose: (open, known) => [waitNamed(given.id, open, known)],
      textFor: (wait) => choiceOf(wait, text),
    })
  },
)

/** A number means a choice, unless the choices are numbers themselves. */
function choiceOf({ choices }: Wait, text: string): string {
  if (choices.includes(text) || !/^\d+$/.test(text.trim())) return text
  return choices[Number(text) - 1] ?? text
}
