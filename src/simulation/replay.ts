/** T5: a turn that is taken again from what the journal holds must come out to the letter as it was committed. */
import { isDeepStrictEqual } from 'node:util'
import { recordedInputs } from '../history/recorded-inputs.ts'
import { asStored, takeAgain } from '../history/take-again.ts'
import type { RunRecord } from '../run/run-record.ts'
import { BY_HOST } from '../run/summary.ts'
import type { Behaviour } from '../turn/behaviour.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { Breaches } from './breach.ts'

export interface Replay {
  /** Takes a turn again, where all that it was taken from is known. */
  check(before: ConversationRecord | undefined, record: ConversationRecord): void
  /** Keeps what the record sends, for those who take it. */
  keep(record: ConversationRecord): void
}

export function createReplay(
  behaviours: ReadonlyMap<string, Behaviour>,
  { note }: Pick<Breaches, 'note'>,
  run: RunRecord,
): Replay {
  const inputs = recordedInputs(run)
  return {
    keep: inputs.keep,
    check(before, record) {
      const behaviour = behaviours.get(record.role)
      if (behaviour === undefined || BY_HOST.has(record.took.event)) return
      const input = inputs.inputOf(record)
      if ('missing' in input) return
      const turn = takeAgain(behaviour, { run, before, record, input })
      if (turn.kind === 'commit' && isDeepStrictEqual(asStored(turn.record), record)) return
      const what = record.took.id ?? record.took.event
      note(
        'T5',
        `turn ${record.turn} of ${record.conversation}, on ${what}, comes out differently the second time`,
      )
    },
  }
}
