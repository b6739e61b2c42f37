/** What a mesh has written, as it is written: commits and the records of runs. */
import type { RunId } from '../../protocols/ids.ts'
import type { Records, RecordWatch } from '../bus/records.ts'
import { decodeRun, type RunRecord } from '../run/run-record.ts'
import { type ConversationRecord, decodeRecord } from '../turn/record.ts'

export interface History {
  /** Every commit of a run, or of all, oldest first. */
  journal(run?: RunId): readonly ConversationRecord[]
  record(run: RunId): RunRecord | undefined
  /** The run that was begun last. */
  lastRun(): RunId | undefined
  close(): void
}

/** Of conversations, and of runs. */
const PREFIXES = ['conversation', 'run'] as const

/** @param records of a network that is still empty, and never fails */
export async function followHistory(records: Records): Promise<History> {
  const journal: ConversationRecord[] = []
  const runs = new Map<RunId, RunRecord>()
  const watches: RecordWatch[] = []
  for (const prefix of PREFIXES) {
    const watch = await records.watch(prefix)
    watches.push(watch)
    void follow(watch)
  }

  async function follow(watch: RecordWatch): Promise<void> {
    for await (const { key, value } of watch) {
      if (key.startsWith('conversation.')) journal.push(decodeRecord(value))
      else {
        const record = decodeRun(value)
        runs.set(record.run, record)
      }
    }
  }

  return {
    journal: (run) => (run === undefined ? [...journal] : journal.filter((record) => record.run === run)),
    record: (run) => runs.get(run),
    lastRun: () => [...runs.keys()].at(-1),
    close() {
      for (const watch of watches) watch.close()
    },
  }
}
