/**
 * The tool that searches the files of the workspace by text or by a regular expression. ripgrep does it where this
 * machine has it, JavaScript elsewhere; both find the same (`search/pattern`), and the answer says which it was.
 */
import { z } from 'zod'
import type { BlobHash } from '../../protocols/ids.ts'
import { globs } from './glob.ts'
import { createBlobFiles } from './search/blob-files.ts'
import type { Hit, SearchEngine, SearchRequest } from './search/engine.ts'
import { excerpt } from './search/excerpt.ts'
import { javascriptEngine } from './search/javascript.ts'
import { patternOf } from './search/pattern.ts'
import { ripgrepEngine } from './search/ripgrep.ts'
import { type Source, treeOf } from './source.ts'
import { decodeText } from './text.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'
import { readBlob, type TreePath } from './tree.ts'

const input = z.object({
  query: z.string().min(1).describe('what to look for, within one line'),
  regex: z
    .boolean()
    .nullable()
    .describe(
      'true where the query is a regular expression like "function \\w+Tool\\("; null: it is plain text',
    ),
  ignoreCase: z.boolean().nullable().describe('true to take "A" and "a" for the same; null for no'),
  include: z
    .array(z.string())
    .nullable()
    .describe('globs of the only files to search, like "*.ts" or "src/**/*.ts"; null for all'),
  exclude: z.array(z.string()).nullable().describe('globs of files to leave out, like "test"; null for none'),
  context: z.number().int().min(0).max(10).nullable().describe('lines to show around each; null for 0'),
})

const output = z.object({
  lines: z.number().int().describe('how many lines were found, also those that are not shown'),
  files: z.number().int().describe('in how many files'),
  found: z.array(
    z.object({
      path: z.string(),
      lines: z.number().int().describe('lines found in this file'),
      text: z.string().describe('"12:" before line 12 where it was found, "13-" before one beside it'),
    }),
  ),
  more: z.string().describe('what is not shown, and what to do about it; empty where all is shown'),
  engine: z.enum(['ripgrep', 'javascript']).describe('what searched'),
})

export type SearchFilesOptions = {
  /** What it searches: the workspace unless it says `documents`. */
  readonly of?: Source
  /** Files that the agent is not to see. */
  readonly hide?: (path: TreePath) => boolean
  /** Lines that one call shows at most, and lines of any one file. */
  readonly limitLines?: number
  readonly limitLinesOfFile?: number
  /** Characters of all that it shows. */
  readonly limitChars?: number
  /** Deadline of the search itself, once the files are here. */
  readonly searchMs?: number
  /** The program `rg`, by name or path; false: it is not used though it is there. */
  readonly ripgrep?: string | false
}

const LIMIT_LINES = 100
const LIMIT_LINES_OF_FILE = 20
const LIMIT_CHARS = 24_000
const LINE_CHARS = 300
const SEARCH_MS = 20_000
/** Time to fetch the files of a large tree for the first time. */
const FETCH_MS = 100_000
/** Lines that are counted; a query that finds more needs to be another one. */
const COUNTED = 20_000

/** `search_files`, or `search_document_files`. It keeps the files that it has searched, for the next call. */
export function searchFiles(options: SearchFilesOptions = {}): Tool<typeof input, typeof output> {
  const { of = 'workspace', hide = () => false, searchMs = SEARCH_MS, ripgrep = 'rg' } = options
  const engines = [...(ripgrep === false ? [] : [ripgrepEngine(ripgrep)]), javascriptEngine]
  const blobFiles = createBlobFiles()
  return defineTool({
    name: of === 'workspace' ? 'search_files' : 'search_document_files',
    description:
      `Finds lines in the files of the ${of}, by text or regular expression, and shows them with their numbers. ` +
      'Use it to find where something is defined or used before you read whole files.',
    input,
    output,
    workspace: of === 'workspace' ? 'reads' : undefined,
    timeoutMs: FETCH_MS + searchMs,
    worksOutside: true,
    async run({ query, regex, ignoreCase, include, exclude, context }, tools) {
      const pattern = patternOf(query, { regex: regex ?? false, ignoreCase: ignoreCase ?? false })
      const isIncluded = include === null || include.length === 0 ? () => true : globs(include)
      const isExcluded = globs(exclude ?? [])
      const tree = await treeOf(of, tools)
      const paths = [...tree.keys()]
        .filter((path) => isIncluded(path) && !isExcluded(path) && !hide(path))
        .sort()
      const { blobs, scratch, clock, signal } = tools
      const hashes = paths.map((path) => tree.get(path)!.hash)
      const { engine, hits } = await blobFiles.use({ blobs, scratch, hashes, signal }, async (files) => {
        const texts = new Map(
          [...files].flatMap(([hash, file]) => (file === undefined ? [] : [[file, hash]])),
        )
        const request = {
          pattern,
          files: [...texts.keys()],
          maxHits: COUNTED,
          timeoutMs: searchMs,
          clock,
          signal,
        }
        const searched = await searchBy(engines, request)
        const byHash = [...searched.hits].map(([file, lines]) => [texts.get(file)!, lines] as const)
        return { engine: searched.engine, hits: new Map(byHash) }
      })
      const found = paths.flatMap((path) => {
        const { hash } = tree.get(path)!
        const lines = hits.get(hash)
        return lines === undefined ? [] : [{ path, hash, hits: lines }]
      })
      return { output: { ...(await show(found, context ?? 0, options, tools)), engine } }
    },
  })
}

async function searchBy(engines: readonly SearchEngine[], request: SearchRequest) {
  for (const engine of engines) {
    const hits = await engine.search(request)
    if (hits !== 'unable') return { engine: engine.name, hits }
  }
  // JavaScript takes what `patternOf` lets through.
  throw new TypeError(`no engine takes ${JSON.stringify(request.pattern)}`)
}

type Found = { readonly path: TreePath; readonly hash: BlobHash; readonly hits: readonly Hit[] }

async function show(
  found: readonly Found[],
  context: number,
  options: SearchFilesOptions,
  { blobs }: ToolContext,
): Promise<Omit<z.input<typeof output>, 'engine'>> {
  const {
    limitLines = LIMIT_LINES,
    limitLinesOfFile = LIMIT_LINES_OF_FILE,
    limitChars = LIMIT_CHARS,
  } = options
  const shown: z.input<typeof output>['found'] = []
  let [lines, chars, cut] = [0, 0, 0]
  for (const { path, hash, hits } of found) {
    const some = hits.slice(0, Math.min(limitLinesOfFile, limitLines - lines))
    if (some.length === 0) break
    const text = excerpt(decodeText(await readBlob(blobs, hash)) ?? '', some, {
      context,
      lineChars: LINE_CHARS,
    })
    if (chars + text.length > limitChars && shown.length > 0) break
    shown.push({ path, lines: hits.length, text: text.slice(0, limitChars) })
    lines += some.length
    chars += text.length
    if (some.length < hits.length) cut++
  }
  const all = found.reduce((sum, { hits }) => sum + hits.length, 0)
  return {
    lines: all,
    files: found.length,
    found: shown,
    more: moreOf(all - lines, found.length - shown.length + cut, all >= COUNTED),
  }
}

function moreOf(lines: number, files: number, uncounted: boolean): string {
  if (lines <= 0) return ''
  const many = uncounted ? `at least ${lines.toLocaleString('en')}` : lines.toLocaleString('en')
  return `${many} more ${lines === 1 ? 'line' : 'lines'} in ${files} ${files === 1 ? 'file' : 'files'}: narrow the query, or name files with "include"`
}
