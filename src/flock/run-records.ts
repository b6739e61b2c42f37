/** Which records belong to a run, by their keys: `<kind>.<run>`, and what else follows. */
import { type RunId, runIdSchema } from '../../protocols/ids.ts'
import type { RecordKey } from '../bus/records.ts'

/** Kinds of records that are of one run. The record of the run itself is the last of them. */
export const RUN_RECORDS = [
  'conversation',
  'head',
  'board',
  'dead',
  'trial',
  'strike',
  'quota',
  'claim',
  'person',
  'run',
] as const
export type RunRecordKind = (typeof RUN_RECORDS)[number]

/** The run that a record belongs to; for a dead letter that does not say, one that there is not. */
export const runOfKey = (key: RecordKey): RunId | undefined => runIdSchema.safeParse(key.split('.')[1]).data
