/**
 * A blackboard: entries of a run that any agent of it may read, and change by compare-and-set. Each entry is a record
 * of its own, `board.<run>.<board>.<key>`, so that agents who work on different entries never meet.
 *
 * BB1 No lost update: a change is applied only to the revision that its author had read.
 * BB2 A change is applied once, however often its call is made again after a crash or a missing answer: an entry says
 *     by which call it was written and which revision it replaced, and its journal says so of all before it.
 * BB3 Who loses to another gets what the entry is now, and decides again. Nothing waits, and nothing is merged for him.
 * BB4 Of those who change the same revision one succeeds, so that a crowd gets ahead, whoever dies in it.
 *
 * Nobody holds anything. An agent that dies before its change leaves the entry as it was, and one that dies after it
 * finds its own change when it is back (BB2). A change whose call ends in an error may have been applied or not: read
 * the entry, and look whom it is by.
 *
 * Entries are optimistic: where n agents change one entry all the time, a change takes up to n attempts. What is that
 * hot belongs to one agent. Entries go with their run (`src/flock/clean.ts`).
 */
import { z } from 'zod'
import { SkeinError } from '../../protocols/errors.ts'
import type { RunId } from '../../protocols/ids.ts'
import { parseAs } from '../../protocols/parse.ts'
import { AmbiguousError, ConflictError } from '../bus/errors.ts'
import type { RecordEntry, RecordKey, Records } from '../bus/records.ts'
import { decodeJson, encodeText } from '../tools/text.ts'

/** A kind of entries: its name, and the schema of each. */
export type Board<Name extends string = string, Entry extends z.ZodType = z.ZodType> = {
  readonly name: Name
  readonly entry: Entry
}

/** What an entry of a board is. */
export type EntryOf<B extends Board> = z.output<B['entry']>

/** An entry as it stands. */
export type Posted<Value> = {
  readonly key: string
  /** Null where nobody has written it. */
  readonly value: Value | null
  /** 0 where nobody has written it. */
  readonly revision: number
  /** The conversation that wrote it, by its name. */
  readonly by: string | null
}

export type Change<Value> = {
  readonly run: RunId
  readonly key: string
  readonly value: Value
  /** The revision that the change is made to: 0 for an entry that nobody has written. */
  readonly revision: number
  /** The conversation that makes it, by its name. */
  readonly by: string
  /** Unique among the changes of the conversation, and the same each time the change is tried. */
  readonly call: string
}

export type ChangeOutcome<Value> =
  /** It is applied, now or by an earlier attempt. */
  | { readonly kind: 'written'; readonly revision: number }
  /** Somebody else was faster (BB3). */
  | { readonly kind: 'conflict'; readonly current: Posted<Value> }

const TOKEN = /^[a-z0-9][a-z0-9_-]{0,62}$/

/** A key of an entry: one token. */
export const entryKeySchema = z.string().regex(TOKEN, 'must be 1 to 63 of a-z, 0-9, "-" and "_"')

/** As it stands in the record. */
const recordSchema = z.object({
  version: z.literal(1),
  value: z.unknown(),
  by: z.string(),
  call: z.string(),
  /** The revision of the entry before this one. */
  replaced: z.number().int().min(0),
})
type BoardRecord = z.infer<typeof recordSchema>

/** How often a write without an answer is tried, and how often an old read is read again. */
const TRIES = 5

/**
 * Declares a board. Its schema must take its own output: what is written is JSON, and is parsed again when it is read.
 * @throws SkeinError `board.name`
 * @example
 * const claims = defineBoard('claims', z.object({ task: z.string(), owner: z.string() }))
 */
export function defineBoard<const Name extends string, Entry extends z.ZodType>(
  name: Name,
  entry: Entry,
): Board<Name, Entry> {
  if (/^[a-z][a-z0-9_-]{0,50}$/.test(name)) return { name, entry }
  throw new SkeinError(
    'board.name',
    `"${name}" cannot name a board: use 1 to 51 of a-z, 0-9, "-" and "_", beginning with a letter`,
  )
}

const boardPrefix = (board: Board, run: RunId): RecordKey => `board.${run}.${board.name}`
const keyOf = (board: Board, run: RunId, key: string): RecordKey => `${boardPrefix(board, run)}.${key}`

/** The entry as it stands. @throws InvalidError `invalid.board`; UnavailableError */
export async function readEntry<Entry extends z.ZodType>(
  records: Pick<Records, 'read'>,
  board: Board<string, Entry>,
  run: RunId,
  key: string,
): Promise<Posted<z.output<Entry>>> {
  return postedOf(board, key, await records.read(keyOf(board, run, key)))
}

/** Every entry of the board, by key. @throws as `readEntry` */
export async function readBoard<Entry extends z.ZodType>(
  records: Pick<Records, 'latest'>,
  board: Board<string, Entry>,
  run: RunId,
): Promise<readonly Posted<z.output<Entry>>[]> {
  const found = await records.latest(boardPrefix(board, run))
  const posted = found.map((entry) =>
    postedOf(board, entry.key.slice(boardPrefix(board, run).length + 1), entry),
  )
  return posted.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

/** Every state that the entry ever had, oldest first. @throws as `readEntry` */
export async function entryHistory<Entry extends z.ZodType>(
  records: Pick<Records, 'history'>,
  board: Board<string, Entry>,
  run: RunId,
  key: string,
): Promise<readonly Posted<z.output<Entry>>[]> {
  const journal = await records.history(keyOf(board, run, key))
  return journal.map((entry) => postedOf(board, key, entry))
}

/**
 * Changes an entry, if it still has the revision that the change is made to.
 * @throws AmbiguousError: the same call may be made again (BB2); UnavailableError, TooLargeError, InvalidError
 */
export async function changeEntry<Entry extends z.ZodType>(
  records: Pick<Records, 'read' | 'append' | 'history'>,
  board: Board<string, Entry>,
  { run, key, value, revision, by, call }: Change<z.output<Entry>>,
): Promise<ChangeOutcome<z.output<Entry>>> {
  const place = keyOf(board, run, key)
  const record: BoardRecord = { version: 1, value, by, call, replaced: revision }
  const bytes = encodeText(JSON.stringify(record))
  for (let tries = 1; ; tries++) {
    try {
      return { kind: 'written', revision: await records.append(place, bytes, revision) } // BB1
    } catch (error) {
      if (error instanceof ConflictError) break
      // It may be applied yet. Then the same write again meets it, and is a conflict with itself.
      if (!(error instanceof AmbiguousError) || tries === TRIES) throw error
    }
  }
  for (let tries = 1; ; tries++) {
    const current = await records.read(place)
    const next = await successorOf(records, place, revision, current)
    if (next?.record.by === by && next.record.call === call)
      return { kind: 'written', revision: next.revision } // BB2
    // Without a successor there never was such a revision, or the read was older than what the bus said before.
    if (next !== undefined || tries === TRIES)
      return { kind: 'conflict', current: postedOf(board, key, current) } // BB3
  }
}

/** What replaced a revision of the entry: compare-and-set lets nobody else do so. */
async function successorOf(
  records: Pick<Records, 'history'>,
  place: RecordKey,
  revision: number,
  current: RecordEntry | undefined,
): Promise<{ readonly record: BoardRecord; readonly revision: number } | undefined> {
  if (current === undefined || current.revision <= revision) return undefined
  const last = recordOf(current)
  // Most often nobody else came in between, and the journal need not be read.
  if (last.replaced === revision) return { record: last, revision: current.revision }
  for (const entry of await records.history(place)) {
    const record = recordOf(entry)
    if (record.replaced === revision) return { record, revision: entry.revision }
  }
  return undefined
}

function postedOf<Entry extends z.ZodType>(
  board: Board<string, Entry>,
  key: string,
  entry: RecordEntry | undefined,
): Posted<z.output<Entry>> {
  if (entry === undefined) return { key, value: null, revision: 0, by: null }
  const { value, by } = recordOf(entry)
  const parsed = parseAs(board.entry, value, 'board', `"${key}" on board "${board.name}"`)
  return { key, value: parsed, revision: entry.revision, by }
}

const recordOf = ({ key, value }: RecordEntry): BoardRecord =>
  parseAs(recordSchema, decodeJson(value), 'board', `the record "${key}"`)
