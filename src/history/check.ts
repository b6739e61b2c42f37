/**
 * Whether the machines at hand do what was recorded (T5). Each turn is taken again from the record before it, so each
 * is checked by itself: after one that differs the next begins from what was recorded, not from what would have been.
 */
import type { ConversationId, RoleName } from '../../protocols/ids.ts'
import { behaviourOf } from '../role/behaviour.ts'
import type { Role } from '../role/define.ts'
import { originBehaviour, startDefinitions } from '../run/origin.ts'
import { ORIGIN_ROLE } from '../run/origin-address.ts'
import type { RunRecord } from '../run/run-record.ts'
import type { Behaviour } from '../turn/behaviour.ts'
import type { ConversationRecord } from '../turn/record.ts'
import { upgraded, VersionError } from '../turn/upgrade.ts'
import { type Difference, differencesOf } from './differences.ts'
import type { RunHistory } from './history.ts'
import { type HistoryStep, stepsOf } from './steps.ts'
import { asStored, takeAgain } from './take-again.ts'

export type TurnCheck =
  | { readonly kind: 'same' }
  | { readonly kind: 'differs'; readonly differences: readonly Difference[] }
  /** It cannot be taken again here. `why` is one text for all turns of a kind. */
  | { readonly kind: 'unchecked'; readonly why: string }

export type CheckOptions = {
  /** Checks turns of other versions of a machine as well, as if they were of this one. */
  readonly anyVersion?: boolean | undefined
}

/** Undefined for what is no turn of a machine. */
export type Checker = (step: HistoryStep) => TurnCheck | undefined

/** @param roles those at hand; the origin of a run needs none */
export function createChecker(
  run: RunRecord,
  roles: Iterable<Role>,
  { anyVersion = false }: CheckOptions = {},
): Checker {
  const behaviours = behavioursOf(run, [...roles])
  return ({ kind, record, before, input }) => {
    if (kind !== 'turn' || input === undefined) return undefined
    const behaviour = behaviours.get(record.role)
    const unchecked = (why: string): TurnCheck => ({ kind: 'unchecked', why })
    if (behaviour === undefined) return unchecked(`role "${record.role}" is not at hand`)
    if ('missing' in input) return unchecked(input.missing)
    if ((before?.turn ?? 0) !== record.turn - 1) return unchecked('the record before it is gone')
    const { machine } = record
    if (machine.version !== behaviour.machine.version && !anyVersion)
      return unchecked(
        `machine "${machine.name}" was at version ${machine.version}, and is at ${behaviour.machine.version} here`,
      )
    try {
      const from = before && takenFrom(before, behaviour, anyVersion)
      const turn = takeAgain(behaviour, { run, before: from, record, input })
      if (turn.kind === 'nothing') return unchecked('the record before it does not wait for what it took')
      const differences = differencesOf(record, asStored(turn.record))
      return differences.length === 0 ? { kind: 'same' } : { kind: 'differs', differences }
    } catch (error) {
      if (error instanceof VersionError) return unchecked(error.message)
      throw error
    }
  }
}

/** @throws VersionError */
function takenFrom(
  before: ConversationRecord,
  behaviour: Behaviour,
  anyVersion: boolean,
): ConversationRecord {
  try {
    return upgraded(before, behaviour)
  } catch (error) {
    if (error instanceof VersionError && anyVersion) return { ...before, machine: behaviour.machine }
    throw error
  }
}

function behavioursOf(run: RunRecord, roles: readonly Role[]): ReadonlyMap<string, Behaviour> {
  const known = roles.flatMap(({ accepts, sends }) => [...accepts, ...sends])
  const { message, answers } = startDefinitions(run.start, known)
  return new Map([
    [ORIGIN_ROLE, originBehaviour(message, answers)] as const,
    ...roles.map((role) => [role.name, behaviourOf(role)] as const),
  ])
}

export type Divergence = {
  readonly conversation: ConversationId
  readonly role: RoleName
  /** The first turn that differs: its number in the run and in its conversation, and in what. */
  readonly number: number
  readonly turn: number
  readonly differences: readonly Difference[]
  /** How many turns of the conversation differ. */
  turns: number
}

export type HistoryCheck = {
  /** Turns of machines, whether they could be checked or not. */
  readonly turns: number
  readonly conversations: number
  readonly same: number
  /** Of each conversation that differs anywhere, in the order in which they do. */
  readonly diverging: readonly Readonly<Divergence>[]
  /** Turns that could not be checked, by why. */
  readonly unchecked: readonly { readonly why: string; readonly turns: number }[]
}

/** Adds up what was found of one turn after another. */
export function tallyChecks() {
  const conversations = new Set<ConversationId>()
  const diverging = new Map<ConversationId, Divergence>()
  const unchecked = new Map<string, number>()
  let turns = 0
  let same = 0
  return {
    add({ number, record: { conversation, role, turn } }: HistoryStep, check: TurnCheck | undefined): void {
      if (check === undefined) return
      turns++
      conversations.add(conversation)
      if (check.kind === 'same') same++
      else if (check.kind === 'unchecked') unchecked.set(check.why, (unchecked.get(check.why) ?? 0) + 1)
      else {
        const { differences } = check
        const first = diverging.get(conversation) ?? {
          conversation,
          role,
          number,
          turn,
          differences,
          turns: 0,
        }
        first.turns++
        diverging.set(conversation, first)
      }
    },
    sum: (): HistoryCheck => ({
      ...{ turns, conversations: conversations.size, same, diverging: [...diverging.values()] },
      unchecked: [...unchecked].map(([why, count]) => ({ why, turns: count })),
    }),
  }
}

/**
 * Takes every turn of a run again with the machines of these roles.
 * @example
 * const { turns, diverging } = checkHistory(await readHistory(bus, run), [coder, reviewer])
 */
export function checkHistory(
  history: RunHistory,
  roles: Iterable<Role>,
  options: CheckOptions = {},
): HistoryCheck {
  const check = createChecker(history.run, roles, options)
  const tally = tallyChecks()
  for (const step of stepsOf(history)) tally.add(step, check(step))
  return tally.sum()
}
