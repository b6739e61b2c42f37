/** Who is there, and what waits for somebody who is not, as `skein ps` has it. */
import type { RunId } from '../../protocols/ids.ts'
import type { Beat } from '../../protocols/presence.ts'
import type { Work } from '../../src/flock/backlog.ts'
import type { Wait } from '../../src/people/wait.ts'

export type Attendance = {
  readonly beats: readonly Beat[]
  /** Peers whose lease is held, and that do not answer: their process was killed, or is too busy to. */
  readonly silent: readonly string[]
  /** Work of roles that nobody is there of. */
  readonly missing: readonly Work[]
  /** Runs that wait for a person, and how many calls and questions of each do. */
  readonly undecided: readonly { readonly run: RunId; readonly waiting: number }[]
}

/** Of live runs: what waits in one that is over waits for nobody. */
export const undecidedIn = (runs: readonly RunId[], waits: readonly Wait[]): Attendance['undecided'] =>
  runs
    .map((run) => ({ run, waiting: waits.filter((wait) => wait.run === run).length }))
    .filter(({ waiting }) => waiting > 0)

/** For `--json`: whatever it is, `state` says it. */
export const attendanceObjects = ({ beats, silent, missing, undecided }: Attendance) => [
  ...beats.map((beat) => ({ ...beat, state: stateOf(beat) })),
  ...silent.map((peer) => ({ peer, state: 'silent' as const })),
  ...missing.map((work) => ({ ...work, state: 'missing' as const })),
  ...undecided.map((run) => ({ ...run, state: 'undecided' as const })),
]

type State = 'leaving' | 'adopted' | 'working' | 'waiting' | 'idle'

export function stateOf({ draining, adopted, busy, conversations }: Beat): State {
  if (draining) return 'leaving'
  if (adopted) return 'adopted'
  if (busy > 0) return 'working'
  return conversations > 0 ? 'waiting' : 'idle'
}
