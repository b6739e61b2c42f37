/** `skein dead`: messages that could not be dealt with; to look at, to send again, to forget. */
import { assertNever } from '../protocols/errors.ts'
import { mailboxSubject } from '../src/bus/mailboxes.ts'
import { FlockError } from '../src/flock/errors.ts'
import { retryLetter } from '../src/flock/retry-letter.ts'
import { type DeadLetter, deadLetters } from '../src/turn/dead-letters.ts'
import { command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { chosenLetters } from './input/letters.ts'
import { parseRun } from './input/run-id.ts'
import { commonOptions, readSettings } from './input/settings.ts'
import { type KeptBus, onKeptBus } from './on-kept-bus.ts'
import { letterLines, letterObject, showLetter, wholeLetterObject } from './show/letter.ts'
import { type Screen, screen } from './show/terminal.ts'

const RETRY = [
  'retry sends a letter as a new message.',
  'Its answer goes where the answer to the old one would have gone; a sender that has given up waiting drops it.',
  'What belongs to a run that is over, or is past its deadline, is not sent again.',
].join(' ')

export default command(
  (yargs) =>
    commonOptions(yargs)
      .positional('action', {
        choices: ['list', 'show', 'retry', 'drop'] as const,
        default: 'list' as const,
        describe: 'what to do',
      })
      .positional('ids', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'ids of letters, or any part of one that fits no other',
      })
      .option('run', { type: 'string', requiresArg: true, describe: 'only letters of this run' })
      .option('all', { type: 'boolean', describe: 'retry or drop all of them' })
      .option('json', { type: 'boolean', describe: 'print JSON' })
      .example('$0 dead', 'what there is, and why it is dead')
      .example('$0 dead retry 3fa1c0de', 'send one again')
      .example('$0 dead drop --all --run r-mb4k2x9f-3fa1', '')
      .epilogue(RETRY),
  async (given) => {
    const settings = await readSettings(given)
    const run = given.run === undefined ? undefined : parseRun(given.run)
    const [out, err] = [screen(process.stdout), screen(process.stderr)]
    const { action, ids, all = false, json = false } = given
    return onKeptBus(settings, err.line, async (kept) => {
      const now = kept.clock.now()
      const found = await deadLetters(kept.bus.records).list()
      const letters = found.filter(({ id }) => run === undefined || id.startsWith(`${run}.`))
      const chosen = () => chosenLetters(letters, { ids, all })
      switch (action) {
        case 'list':
          return list(letters, now, json, out)
        case 'show':
          return show(chosen(), now, json, out)
        case 'retry':
          return retry(chosen(), kept, json, out, err)
        case 'drop':
          return drop(chosen(), kept, json, out)
        default:
          return assertNever(action)
      }
    })
  },
)

type Letters = readonly DeadLetter[]

function list(letters: Letters, now: number, json: boolean, out: Screen): number {
  if (json) out.line(JSON.stringify(letters.map(letterObject)))
  else if (letters.length === 0) out.line('no dead letters')
  else for (const line of letterLines(letters, now, out)) out.line(line)
  return EXIT.ok
}

function show(letters: Letters, now: number, json: boolean, out: Screen): number {
  if (json) out.line(JSON.stringify(letters.map(wholeLetterObject)))
  else
    for (const [index, letter] of letters.entries()) {
      if (index > 0) out.line('')
      showLetter(letter, now, out)
    }
  return EXIT.ok
}

/** One that cannot be sent again keeps no other from it. */
async function retry(
  letters: Letters,
  kept: KeptBus,
  json: boolean,
  out: Screen,
  err: Screen,
): Promise<number> {
  const retried: string[] = []
  const refused: { readonly id: string; readonly reason: string }[] = []
  for (const letter of letters) {
    kept.signal.throwIfAborted()
    try {
      await retryLetter(letter, kept)
      retried.push(letter.id)
      if (!json) out.line(`sent again  ${letter.id}, to ${mailboxSubject(letter.mailbox)}`)
    } catch (error) {
      if (!(error instanceof FlockError)) throw error
      refused.push({ id: letter.id, reason: error.message })
      if (!json) err.line(`${err.paint('red', 'skein:')} ${error.message}`)
    }
  }
  if (json) out.line(JSON.stringify({ retried, refused }))
  return refused.length > 0 ? EXIT.badInput : EXIT.ok
}

async function drop(letters: Letters, { bus, signal }: KeptBus, json: boolean, out: Screen): Promise<number> {
  for (const letter of letters) {
    signal.throwIfAborted()
    await deadLetters(bus.records).drop(letter)
    if (!json) out.line(`dropped  ${letter.id}`)
  }
  if (json) out.line(JSON.stringify({ dropped: letters.map(({ id }) => id) }))
  return EXIT.ok
}
