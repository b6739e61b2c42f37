/** What waits for a person, as the records have it. What another version wrote, and cannot be read, is left out. */
import type { ConversationId, RunId } from '../../protocols/ids.ts'
import type { Records } from '../bus/records.ts'
import { readableRecord, recordKey, runPrefix } from '../turn/record.ts'
import { PERSON } from './gate.ts'
import { decodeWait, type Wait, waitId, waitsPrefix } from './wait.ts'

/** All of a run, or of all runs, whether decided or not, oldest first. @throws UnavailableError */
export async function allWaits(records: Records, run?: RunId): Promise<readonly Wait[]> {
  const entries = await records.latest(waitsPrefix(run))
  return entries.flatMap((entry) => waitIn(entry) ?? []).sort((a, b) => a.since - b.since)
}

/** Those of them that wait now: undecided, and wanted by their conversations still. @throws UnavailableError */
export async function openAmong(records: Records, waits: readonly Wait[]): Promise<readonly Wait[]> {
  const undecided = waits.filter(({ decision }) => decision === null)
  const pending = new Map<ConversationId, ReadonlySet<string>>()
  for (const { conversation } of undecided) {
    if (!pending.has(conversation)) pending.set(conversation, await pendingIn(records, conversation))
  }
  return undecided.filter(({ conversation, effect }) => pending.get(conversation)!.has(effect))
}

/** What waits now, in a run or in all. @throws UnavailableError */
export const openWaits = async (records: Records, run?: RunId): Promise<readonly Wait[]> =>
  openAmong(records, await allWaits(records, run))

/**
 * Whether a conversation of the run asks for something by this id, or beginning of one, whose record is not there yet:
 * what it would do is being made. @throws UnavailableError
 */
export async function isComing(records: Records, run: RunId, part: string): Promise<boolean> {
  const known = new Set((await allWaits(records, run)).map(({ id }) => id))
  const commits = await records.latest(runPrefix(run))
  return commits.some(({ value }) => {
    const record = readableRecord(value)
    if (record === undefined) return false
    const asked = record.effects.filter(({ src }) => src === PERSON)
    const ids = asked.map(({ name }) => waitId(record.conversation, name))
    return ids.some((id) => id.startsWith(part) && !known.has(id))
  })
}

function waitIn(entry: Parameters<typeof decodeWait>[0]): Wait | undefined {
  try {
    return decodeWait(entry)
  } catch {
    return undefined
  }
}

async function pendingIn(records: Records, conversation: ConversationId): Promise<ReadonlySet<string>> {
  const entry = await records.read(recordKey(conversation))
  return new Set(entry && readableRecord(entry.value)?.effects.map(({ name }) => name))
}
