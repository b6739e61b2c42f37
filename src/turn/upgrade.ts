/**
 * Records of an earlier version of a machine. The role says how their state reads now; where it does not, or the record
 * is of a later version, the conversation is left as it is, to somebody who can host it.
 */
import { SkeinError } from '../../protocols/errors.ts'
import type { Behaviour } from './behaviour.ts'
import type { StoredSnapshot } from './interpreter.ts'
import { jsonProblem } from './json.ts'
import type { ConversationRecord } from './record.ts'

/** A record that this version of the machine cannot go on with. It stays as it was. */
export class VersionError extends SkeinError {
  constructor(
    { conversation, machine }: ConversationRecord,
    here: number,
    what: string,
    options?: ErrorOptions,
  ) {
    super(
      'machine.version',
      `${conversation} was written by version ${machine.version} of machine "${machine.name}", this process has version ${here}: ${what}`,
      options,
    )
  }
}

/** The record as this version of the machine takes it: the same, where it wrote it. @throws VersionError */
export function upgraded(record: ConversationRecord, behaviour: Behaviour): ConversationRecord {
  const { machine, snapshot, role } = record
  const { version } = behaviour.machine
  if (snapshot === null || machine.version === version || role !== behaviour.role) return record
  const refuse = (what: string, cause?: unknown) => new VersionError(record, version, what, { cause })
  if (machine.version > version) throw refuse('start this process from the newer code')
  if (behaviour.migrate === undefined)
    throw refuse('give the role a "migrate" function, or let processes of that version finish it')
  const migrated = migrate(behaviour, snapshot as StoredSnapshot, machine.version, refuse)
  const live = behaviour.interpreter.restore(migrated)
  const invoking = behaviour.interpreter.invoking(live)
  const pending = new Set(record.effects.map(({ invoke }) => invoke))
  const missing = [...invoking].find((invoke) => !pending.has(invoke))
  if (missing !== undefined)
    throw refuse(
      `"migrate" led to a state that invokes "${missing}", which nobody started: lead to one before it`,
    )
  const delayed = behaviour.interpreter.delayed(live)
  const lacking = [...delayed].find((type) => !record.timers.some(({ event }) => event.type === type))
  if (lacking !== undefined)
    throw refuse(
      `"migrate" led to a state that waits for "${lacking}", which nobody armed: lead to one before it`,
    )
  return {
    ...record,
    machine: behaviour.machine,
    snapshot: migrated,
    effects: record.effects.filter(({ invoke }) => invoking.has(invoke)),
    timers: record.timers.filter(({ event }) => !event.type.startsWith(AFTER) || delayed.has(event.type)),
  }
}

/** XState's prefix for the events of `after`. */
const AFTER = 'xstate.after.'

function migrate(
  behaviour: Behaviour,
  snapshot: StoredSnapshot,
  from: number,
  refuse: (what: string, cause?: unknown) => VersionError,
): StoredSnapshot {
  try {
    const { value, context } = behaviour.migrate!({
      version: from,
      value: snapshot.value,
      context: snapshot.context,
    })
    const migrated = { ...snapshot, value, context, historyValue: {} }
    const problem = jsonProblem(migrated, 'migrate')
    if (problem !== null) throw refuse(problem)
    behaviour.interpreter.restore(migrated)
    return migrated
  } catch (cause) {
    if (cause instanceof VersionError) throw cause
    throw refuse(`"migrate" failed: ${(cause as Error).message}`, cause)
  }
}
