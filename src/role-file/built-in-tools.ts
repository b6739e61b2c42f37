/** The tools that a role in Markdown can name, and the options that each takes there: what is data, not a function. */
import { z } from 'zod'
import { askHuman } from '../people/ask-human.ts'
import { editFile } from '../tools/edit-file.ts'
import { fetchUrl } from '../tools/fetch-url.ts'
import { globs } from '../tools/glob.ts'
import { listFiles } from '../tools/list-files.ts'
import { readFile } from '../tools/read-file.ts'
import { runCommandTool } from '../tools/run-command.ts'
import { runTestsTool } from '../tools/run-tests.ts'
import { searchDocuments } from '../tools/search-documents.ts'
import { searchFiles } from '../tools/search-files.ts'
import { showChanges } from '../tools/show-changes.ts'
import type { Tool } from '../tools/tool.ts'
import { writeFile } from '../tools/write-file.ts'

export type BuiltInTool = {
  readonly options: z.ZodObject
  /** @throws ToolError for a glob or an address that is none */
  make(options: unknown): Tool
}

const built = <Options extends z.ZodObject>(
  options: Options,
  make: (given: z.output<Options>) => unknown,
): BuiltInTool => ({ options, make: (given) => make(given as z.output<Options>) as Tool })

const count = z.number().int().positive().optional()
const paths = z.array(z.string().min(1)).min(1).optional()

/** Globs as the function that the tools take; nothing where none are given. */
const hidden = (hide: readonly string[] | undefined) => (hide === undefined ? {} : { hide: globs(hide) })

/** What may be changed: all that `allow` names, and nothing that `deny` names. */
function changeable({
  allow = ['**'],
  deny = [],
}: {
  allow?: string[] | undefined
  deny?: string[] | undefined
}) {
  const [isAllowed, isDenied] = [globs(allow), globs(deny)]
  return (path: string) => isAllowed(path) && !isDenied(path)
}

/** What a shell would read, and nothing else here does. */
const FOR_A_SHELL = /["'\\|&;<>$`]/

/** `npm test`, or `npm run …` where one more word may follow; or the words of it, and how many may follow. */
const commandSchema = z.preprocess(
  (written) => {
    if (typeof written !== 'string' || FOR_A_SHELL.test(written)) return written
    const argv = written.trim().split(/\s+/)
    return /^(\.\.\.|…)$/.test(argv.at(-1)!) ? { argv: argv.slice(0, -1), more: 1 } : { argv }
  },
  z.strictObject(
    { argv: z.array(z.string().min(1)).min(1), more: z.number().int().min(0).optional() },
    {
      error: ({ code }) =>
        code === 'invalid_type'
          ? 'there is no shell: write words like "npm test", or { argv: [npm, test] }'
          : undefined,
    },
  ),
)

const looking = z.strictObject({ hide: paths })
const changing = z.strictObject({ allow: paths, deny: paths, limitBytes: count })
const listing = looking.extend({ limit: count })
const reading = looking.extend({ limitChars: count })
const searching = looking.extend({
  limitLines: count,
  limitLinesOfFile: count,
  limitChars: count,
  searchMs: count,
})

export const BUILT_IN_TOOLS: Readonly<Record<string, BuiltInTool>> = {
  list_files: built(listing, ({ hide, ...rest }) => listFiles({ ...rest, ...hidden(hide) })),
  list_documents: built(listing, ({ hide, ...rest }) =>
    listFiles({ ...rest, ...hidden(hide), of: 'documents' }),
  ),
  read_file: built(reading, ({ hide, ...rest }) => readFile({ ...rest, ...hidden(hide) })),
  read_document: built(reading, ({ hide, ...rest }) =>
    readFile({ ...rest, ...hidden(hide), of: 'documents' }),
  ),
  search_files: built(searching, ({ hide, ...rest }) => searchFiles({ ...rest, ...hidden(hide) })),
  search_document_files: built(searching, ({ hide, ...rest }) =>
    searchFiles({ ...rest, ...hidden(hide), of: 'documents' }),
  ),
  search_documents: built(reading, ({ hide, ...rest }) => searchDocuments({ ...rest, ...hidden(hide) })),
  edit_file: built(changing, ({ limitBytes, ...which }) =>
    editFile({ limitBytes, allow: changeable(which) }),
  ),
  write_file: built(changing, ({ limitBytes, ...which }) =>
    writeFile({ limitBytes, allow: changeable(which) }),
  ),
  show_changes: built(z.strictObject({ limitChars: count }), ({ limitChars }) =>
    showChanges(limitChars === undefined ? {} : { limitChars }),
  ),
  run_command: built(
    z.strictObject({
      commands: z.array(commandSchema).min(1),
      timeoutMs: count,
      outputLimitBytes: count,
    }),
    (options) => runCommandTool(options),
  ),
  run_tests: built(z.strictObject({ timeoutMs: count }), (options) => runTestsTool(options)),
  fetch_url: built(
    z.strictObject({
      allow: z.array(z.string().min(1)).min(1),
      allowPrivate: z.boolean().optional(),
      limitBytes: count,
      limitChars: count,
      timeoutMs: count,
    }),
    (options) => fetchUrl(options),
  ),
  ask_human: built(z.strictObject({ patienceMs: count }), (options) => askHuman(options)),
}
