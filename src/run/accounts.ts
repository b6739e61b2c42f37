/**
 * The accounts of a run: what its origin has to do next, from the record of the run and that of the origin's
 * conversation. Pure; doing it is `host-origin`'s.
 */
import { assertNever } from '../../protocols/errors.ts'
import type { ConversationRecord } from '../turn/record.ts'
import type { Conclusion } from './change-run.ts'
import { conclusionOf, outputOf } from './conclusion.ts'
import type { RunRecord } from './run-record.ts'
import { formatStake, isWholeStake, NO_STAKE, parseStake, subtractStake, WHOLE_STAKE } from './stake.ts'

export type Step =
  /** There is nothing to account for any more. */
  | { readonly kind: 'over' }
  /** Nothing for so many milliseconds, unless something is heard before. */
  | { readonly kind: 'wait'; readonly ms: number }
  /** Its conversations are to be closed. `isQuiet`: all are idle, and what that means is in the journal. */
  | { readonly kind: 'end'; readonly conclusion: Conclusion; readonly isQuiet: boolean }
  /** What nobody closes is closed. */
  | { readonly kind: 'collect'; readonly force: boolean }
  | { readonly kind: 'announce'; readonly end: Conclusion & Pick<RunRecord, 'writtenOff'> }

export type Accounts = {
  readonly record: RunRecord
  /** Undefined before the origin has taken its first message. */
  readonly origin: ConversationRecord | undefined
  readonly now: number
  /** How long it has been ending before the eyes of this host, and by its clock: whoever stopped it may have another. */
  readonly endingForMs: number
  /** How long its stake may take to come home before what is left is closed by force, and once more that. */
  readonly graceMs: number
  /** Looks that closed by force. */
  readonly forced: number
}

/** What was closed by force sends its stake home; so long is that waited for. */
const FORCED_LOOKS = 3

export function nextStep({ record, origin, now, ...ending }: Accounts): Step {
  // Of an origin that has something to send, the stake is not all home.
  const isHome = origin !== undefined && origin.outbox.length === 0 && isWholeStake(parseStake(origin.stake))
  const output = outputOf(origin)
  switch (record.state) {
    case 'over':
      return { kind: 'over' }
    case 'open': {
      if (output !== undefined) {
        const conclusion = conclusionOf(output)
        if (isHome) return { kind: 'announce', end: { ...conclusion, writtenOff: null } }
        // Whoever still works on it works for nothing.
        if (output.kind === 'failure' || now >= record.deadline)
          return { kind: 'end', conclusion, isQuiet: false }
      } else if (isHome) return { kind: 'end', conclusion: TOO_QUIET, isQuiet: true }
      else if (now >= record.deadline + SLACK_MS) return { kind: 'end', conclusion: TOO_LATE, isQuiet: false }
      return { kind: 'wait', ms: Math.max(1, record.deadline + SLACK_MS - now) }
    }
    case 'ending': {
      const conclusion = { outcome: record.outcome ?? 'failed', reason: record.reason } as const
      if (isHome && origin.phase === 'closed')
        return { kind: 'announce', end: { ...conclusion, writtenOff: null } }
      const { endingForMs, graceMs, forced } = ending
      if (endingForMs < 2 * graceMs || forced < FORCED_LOOKS)
        return { kind: 'collect', force: endingForMs >= graceMs }
      return { kind: 'announce', end: writeOff(conclusion, origin) }
    }
    default:
      return assertNever(record.state)
  }
}

/** After the deadline, so that the origin itself may say what it waited for: it has a timer as well. */
const SLACK_MS = 1_000

const TOO_QUIET: Conclusion = { outcome: 'unsatisfied', reason: null }
const TOO_LATE: Conclusion = { outcome: 'exhausted', reason: 'its deadline passed before it had an answer' }

/** Stake in an envelope that nobody could read never comes home. */
function writeOff(conclusion: Conclusion, origin: ConversationRecord | undefined) {
  const home = origin === undefined ? NO_STAKE : parseStake(origin.stake)
  const writtenOff = formatStake(subtractStake(WHOLE_STAKE, home))
  const why = `${writtenOff} of its stake never came home: a message of it was lost, or could not be read`
  return {
    outcome: 'failed' as const,
    reason: [conclusion.reason, why].filter(Boolean).join('; '),
    writtenOff,
  }
}
