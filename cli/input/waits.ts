/** Which waits for a person a command line means: by their ids, of which any beginning will do that fits no other. */
import type { RunId } from '../../protocols/ids.ts'
import { allWaits, isComing, openAmong } from '../../src/people/open-waits.ts'
import type { Wait } from '../../src/people/wait.ts'
import { sleep } from '../../src/time/clock.ts'
import type { KeptBus } from '../on-kept-bus.ts'
import { CliError } from './error.ts'

export type WaitChoice = {
  readonly ids: readonly string[]
  readonly all: boolean
}

/**
 * @param open what waits now
 * @param known those as well that are decided
 * @throws CliError `cli.wait`, `cli.usage`
 */
export function chosenWaits(
  open: readonly Wait[],
  known: readonly Wait[],
  { ids, all }: WaitChoice,
): readonly Wait[] {
  if (all && ids.length > 0) throw new CliError('usage', '--all and ids do not go together: give either')
  if (all) return open
  if (ids.length === 0)
    throw new CliError('usage', `which? Name it by its id, or say --all. ${whatWaits(open)}`)
  return [...new Set(ids.map((part) => waitNamed(part, open, known)))]
}

/** Milliseconds that one which was announced may take until it can be decided; and between two looks. */
const COMING_MS = { most: 12_000, look: 250 } // a preview has 10 s

/**
 * What waits in a run, and what is decided. One that is named, and was announced a moment ago, is waited for: a script
 * is faster than the process that makes what is shown of it. @throws UnavailableError; the reason of the signal
 */
export async function waitsIn(
  { bus, clock, signal }: Pick<KeptBus, 'bus' | 'clock' | 'signal'>,
  run: RunId,
  ids: readonly string[],
): Promise<{ readonly open: readonly Wait[]; readonly known: readonly Wait[] }> {
  const until = clock.now() + COMING_MS.most
  for (;;) {
    const known = await allWaits(bus.records, run)
    const missing = ids
      .map((part) => part.toLowerCase())
      .find((part) => !known.some(({ id }) => id.startsWith(part)))
    const isThere = missing === undefined || !(await isComing(bus.records, run, missing))
    if (isThere || clock.now() >= until) return { known, open: await openAmong(bus.records, known) }
    await sleep(clock, COMING_MS.look, signal)
    signal.throwIfAborted()
  }
}

/** What waits comes before what was decided: an id that is shortened means what there is to decide. */
export function waitNamed(part: string, open: readonly Wait[], known: readonly Wait[]): Wait {
  const fitting = (waits: readonly Wait[]) => waits.filter(({ id }) => id.startsWith(part.toLowerCase()))
  const found = fitting(open).length > 0 ? fitting(open) : fitting(known)
  const [first, second] = found
  if (first === undefined || part === '')
    throw new CliError('wait', `nothing that waits is called "${part}". ${whatWaits(open)}`)
  if (second === undefined) return first
  const two = `"${first.id}" and "${second.id}"`
  throw new CliError('wait', `"${part}" fits ${found.length} that wait, as ${two}: give more of it`)
}

const whatWaits = (open: readonly Wait[]): string =>
  open.length === 0
    ? 'Nothing waits now'
    : `There are ${open.map(({ id, tool }) => `${id} (${tool})`).join(', ')}`
