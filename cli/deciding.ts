/** What `approve`, `deny` and `answer` have in common: which waits are meant, who decides, and what came of it. */
import { hostname } from 'node:os'
import type { Argv } from 'yargs'
import { knownRun } from '../src/flock/see-run.ts'
import { DecisionError, decide } from '../src/people/decide.ts'
import type { Decision, Wait } from '../src/people/wait.ts'
import { EXIT } from './exit-code.ts'
import { CliError } from './input/error.ts'
import { parseRun } from './input/run-id.ts'
import { commonOptions, type Parsed, readSettings } from './input/settings.ts'
import { userName } from './input/user-name.ts'
import { waitsIn } from './input/waits.ts'
import { onKeptBus } from './on-kept-bus.ts'
import { cut, jsonLine, oneLine, screen } from './show/terminal.ts'
import { waitObject, wantedText } from './show/wait.ts'

export const decidingOptions = <T>(yargs: Argv<T>) =>
  commonOptions(yargs)
    .positional('run', { type: 'string', demandOption: true, describe: 'the run that waits' })
    .option('as', { type: 'string', requiresArg: true, describe: 'who decides  [default: user@host]' })
    .option('json', { type: 'boolean', describe: 'print one JSON object' })

export const manyOptions = <T>(yargs: Argv<T>) =>
  decidingOptions(yargs)
    .positional('ids', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'ids of what waits, or the beginning of one that fits no other: see skein waiting',
    })
    .option('all', { type: 'boolean', describe: 'all that waits in this run' })

export type Deciding = {
  readonly verdict: Exclude<Decision['verdict'], 'unanswered'>
  /** As they were typed. */
  readonly ids: readonly string[]
  /** Which of them, and what is said to each. @throws CliError */
  readonly choose: (open: readonly Wait[], known: readonly Wait[]) => readonly Wait[]
  readonly textFor: (wait: Wait) => string | null
}

/** Characters of what was decided that are said once more. */
const GIST_CELLS = 200

const DONE: Readonly<Record<Deciding['verdict'], string>> = {
  approve: 'approved',
  deny: 'denied',
  answer: 'answered',
}

/** Answers the exit code. One that cannot be decided keeps no other from it. */
export async function decideWaits(
  given: Parsed<typeof decidingOptions>,
  { verdict, ids, choose, textFor }: Deciding,
): Promise<number> {
  const settings = await readSettings(given)
  const run = parseRun(given.run)
  const [out, err] = [screen(process.stdout), screen(process.stderr)]
  const by = given.as ?? `${userName()}@${hostname()}`
  return onKeptBus(settings, err.line, async (kept) => {
    const { records } = kept.bus
    await knownRun(kept, run)
    const { open, known } = await waitsIn(kept, run, ids)
    const decided: Wait[] = []
    const refused: { readonly id: string; readonly code: string; readonly reason: string }[] = []
    for (const wait of choose(open, known)) {
      kept.signal.throwIfAborted()
      try {
        if (wait.decision === null && !open.includes(wait)) throw gone(wait)
        const [at, nonce, text] = [kept.clock.now(), kept.random.hex(8), textFor(wait)]
        decided.push(await decide(records, wait, { verdict, by, at, nonce, text }))
        if (!given.json) out.line(`${DONE[verdict]}  ${wait.id}  ${cut(wantedText(wait), GIST_CELLS)}`)
      } catch (error) {
        if (!(error instanceof DecisionError)) throw error
        refused.push({ id: wait.id, code: error.code, reason: error.message })
        if (!given.json) err.line(`${err.paint('red', 'skein:')} ${oneLine(error.message)}`)
      }
    }
    if (given.json) out.line(jsonLine({ decided: decided.map(waitObject), refused }))
    else if (decided.length + refused.length === 0) out.line('nothing waits')
    return refused.length > 0 ? EXIT.badInput : EXIT.ok
  })
}

const gone = ({ id }: Wait) =>
  new DecisionError('gone', `nobody waits for "${id}" any more: its conversation went on, or its run ended`)

/** @throws CliError `cli.usage` */
export function saidText(text: string, what: string): string {
  if (text.trim() !== '') return text
  throw new CliError('usage', `${what} is empty: say something`)
}
