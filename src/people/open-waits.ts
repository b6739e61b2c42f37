/** What waits for a person now, as the records have it: undecided, and wanted by its conversation still. */
import type { ConversationId, RunId } from '../../protocols/ids.ts'
import type { Records } from '../bus/records.ts'
import { decodeRecord, recordKey } from '../turn/record.ts'
import { decodeWait, type Wait, waitsPrefix } from './wait.ts'

/**
 * Oldest first. What another version wrote, and cannot be read, is left out.
 * @param run all runs, unless given
 * @throws UnavailableError
 */
export async function openWaits(records: Records, run?: RunId): Promise<readonly Wait[]> {
  const entries = await records.latest(waitsPrefix(run))
  const undecided = entries
    .flatMap((entry) => waitIn(entry) ?? [])
    .filter(({ decision }) => decision === null)
  const pending = new Map<ConversationId, ReadonlySet<string>>()
  for (const { conversation } of undecided) {
    if (!pending.has(conversation)) pending.set(conversation, await pendingIn(records, conversation))
  }
  return undecided
    .filter(({ conversation, effect }) => pending.get(conversation)!.has(effect))
    .sort((a, b) => a.since - b.since)
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
  return new Set(entry && decodeRecord(entry.value).effects.map(({ name }) => name))
}
