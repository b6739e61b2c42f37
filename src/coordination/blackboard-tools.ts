/**
 * A blackboard as tools, for a model or for a machine (`blackboard-states.ts`): `read_<board>`, `list_<board>` and
 * `write_<board>`. A conflict is no error of the tool but what it gives: the entry as it is now, to decide anew (BB3).
 */
import { z } from 'zod'
import { defineTool, type Tool, type ToolContext } from '../tools/tool.ts'
import { type Board, changeEntry, entryKeySchema, readBoard, readEntry } from './blackboard.ts'

/** What an entry of a board is, as tools give it. */
const postedSchema = <Entry extends z.ZodType>(entry: Entry) =>
  z.object({
    key: z.string(),
    value: entry.nullable(),
    revision: z.number().int().min(0),
    by: z.string().nullable(),
  })

/** What came of a write. */
const writeOutcomeSchema = <Entry extends z.ZodType>(entry: Entry) =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('written'), revision: z.number().int().positive() }),
    z.object({ kind: z.literal('conflict'), current: postedSchema(entry) }),
  ])

type Verb = 'read' | 'list' | 'write'

/** What a tool of a board is called. */
export const boardTool = (verb: Verb, { name }: Pick<Board, 'name'>): string =>
  `${verb}_${name.replaceAll('-', '_')}`

const WRITE_HINT =
  'Give the revision that you read, 0 for an entry that is not there. If somebody else changed it since, nothing is written and you get the entry as it is now: decide again what it should be.'

/** @example defineRole({ …, tools: boardTools(claims) }) */
export function boardTools<Entry extends z.ZodType>(board: Board<string, Entry>): readonly Tool[] {
  const key = entryKeySchema.describe('which entry')
  const read = defineTool({
    name: boardTool('read', board),
    description: `Reads an entry of the shared board "${board.name}", with its revision.`,
    input: z.object({ key }),
    output: postedSchema(board.entry),
    usesRecords: true,
    run: async (input, { records, run }) => ({
      output: asInput(await readEntry(records, board, run, input.key)),
    }),
  })
  const list = defineTool({
    name: boardTool('list', board),
    description: `Lists the entries of the shared board "${board.name}": who wrote each last.`,
    input: z.object({}),
    output: z.object({ entries: z.array(postedSchema(board.entry).omit({ value: true })) }),
    usesRecords: true,
    async run(_input, { records, run }) {
      const posted = await readBoard(records, board, run)
      return { output: { entries: posted.map(({ value: _, ...entry }) => entry) } }
    },
  })
  const write = defineTool({
    name: boardTool('write', board),
    description: `Writes an entry of the shared board "${board.name}". ${WRITE_HINT}`,
    input: z.object({ key, value: board.entry, revision: z.number().int().min(0) }),
    output: writeOutcomeSchema(board.entry),
    usesRecords: true,
    async run(input, { records, run, conversation, call }: ToolContext) {
      const { key, value, revision } = input as { key: string; value: z.output<Entry>; revision: number }
      const change = { ...{ run, key, value, revision, call }, by: conversation }
      return { output: asInput(await changeEntry(records, board, change)) }
    },
  })
  return [read as Tool, list as Tool, write as unknown as Tool]
}

/** What was parsed is what its schema takes: a schema of a board transforms nothing. */
const asInput = <Value>(parsed: unknown) => parsed as Value
