/** What `skein` ends with. Documented: scripts rely on it. */
import { SkeinError } from '../protocols/errors.ts'
import type { Outcome } from '../protocols/run.ts'

export const EXIT = {
  ok: 0,
  unexpected: 1,
  /** The caller's to mend: a mistake on the command line, no such workspace, a server or endpoint that is not there. */
  badInput: 2,
  /**
   * `skein diagnose` found what a linter would call errors; with `--strict`, or warnings. `skein run --replay` came out
   * differently; `skein replay` found turns that differ.
   */
  findings: 7,
  interrupted: 130,
  /** Who waited had no more patience; what he waited for goes on. As `timeout(1)` has it. */
  late: 124,
} as const

export const EXIT_OF_OUTCOME: Readonly<Record<Outcome, number>> = {
  completed: 0,
  unsatisfied: 3,
  failed: 4,
  exhausted: 5,
  cancelled: 6,
}

/** For the help page. */
export const EXIT_CODES = [
  'Exit codes:  0 completed or done · 1 unexpected · 2 bad input · 3 unsatisfied',
  '             4 failed · 5 exhausted · 6 cancelled · 7 findings',
  '             124 waited in vain · 130 interrupted',
].join('\n')

/** First words of the codes that somebody outside can mend. */
const MENDABLE = [
  ...['cli', 'flock', 'invalid', 'model', 'role', 'tool', 'mcp', 'peer', 'jaeger', 'topology', 'lab'],
  ...['people', 'recording', 'history'],
]
/** A replay is not as it was recorded. */
const DIFFERENT = /^recording\.(changed-|missing$)/
const MENDABLE_CODES = ['bus.unavailable', 'bus.unauthorized', 'bus.unsupported']
/** Of these words all the same, and nobody's mistake. */
const UNEXPECTED = ['flock.lost', 'flock.peer-died', 'flock.peer-late', 'lab.run']

export function exitCodeFor(error: unknown): number {
  if (!(error instanceof SkeinError) || UNEXPECTED.includes(error.code)) return EXIT.unexpected
  if (DIFFERENT.test(error.code)) return EXIT.findings
  const [word = ''] = error.code.split('.')
  return MENDABLE.includes(word) || MENDABLE_CODES.includes(error.code) ? EXIT.badInput : EXIT.unexpected
}
