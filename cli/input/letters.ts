/** Which dead letters a command line means: by their ids, of which any part will do that fits no other. */
import type { DeadLetter } from '../../src/turn/dead-letters.ts'
import { CliError } from './error.ts'

export type Choice = { readonly ids: readonly string[]; readonly all: boolean }

/** @param letters those there are, or those of a run. @throws CliError `cli.letter`, `cli.usage` */
export function chosenLetters(letters: readonly DeadLetter[], { ids, all }: Choice): readonly DeadLetter[] {
  if (all && ids.length > 0)
    throw new CliError('usage', '--all and ids of dead letters do not go together: give either')
  if (all) return letters
  if (ids.length === 0)
    throw new CliError('usage', 'which dead letters? Name them by their ids, as "skein dead" lists them')
  return [...new Set(ids.map((part) => letterNamed(part, letters)))]
}

function letterNamed(part: string, letters: readonly DeadLetter[]): DeadLetter {
  const fitting = letters.filter(({ id }) => id.includes(part))
  const [first, second] = fitting
  const exact = fitting.find(({ id }) => id === part)
  if (exact !== undefined) return exact
  if (first === undefined)
    throw new CliError('letter', `there is no dead letter "${part}": "skein dead" lists those there are`)
  if (second === undefined) return first
  throw new CliError(
    'letter',
    `"${part}" fits ${fitting.length} dead letters, as "${first.id}" and "${second.id}": give more of it`,
  )
}
