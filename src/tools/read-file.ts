/** The tool that reads a text file of the workspace, or of the documents, whole or by lines. */
import { z } from 'zod'
import { describeBytes } from './binary.ts'
import { type Source, treeOf } from './source.ts'
import { decodeText, linesOf } from './text.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'
import { readBlob, type TreePath, treePath } from './tree.ts'

const line = z.number().int().positive()

const input = z.object({
  path: z.string().describe('path from the root, like "src/index.js"'),
  from: line.nullable().describe('first line to read, counted from 1; null for the beginning'),
  to: line.nullable().describe('last line to read; null for the end'),
})

const output = z.object({
  path: z.string(),
  text: z.string(),
  from: z.number().int().describe('line that the text begins with'),
  to: z.number().int().describe('line that the text ends with'),
  lines: z.number().int().describe('lines of the whole file'),
  more: z.string().optional().describe('where not all that was asked for is here: how to ask for the rest'),
})

export type ReadFileOptions = {
  /** What it reads: the workspace unless it says `documents`. */
  readonly of?: Source
  /** Files that the agent is not to see: they read as absent. */
  readonly hide?: (path: TreePath) => boolean
  /** Characters that one call returns at most, in whole lines. */
  readonly limitChars?: number
}

const LIMIT_CHARS = 64_000

/** `read_file`, or `read_document`. */
export function readFile(options: ReadFileOptions = {}): Tool<typeof input, typeof output> {
  const { of = 'workspace', hide = () => false, limitChars = LIMIT_CHARS } = options
  return defineTool({
    name: of === 'workspace' ? 'read_file' : 'read_document',
    description: `Reads a text file of the ${of}, or some lines of it. Of a long one, it tells how to ask for the next lines.`,
    input,
    output,
    workspace: of === 'workspace' ? 'reads' : undefined,
    async run({ path: given, from, to }, context) {
      const path = treePath(given)
      const entry = (await treeOf(of, context)).get(path)
      if (entry === undefined || hide(path)) {
        throw new ToolError('no-file', `there is no "${path}" in the ${of}: list the files first`)
      }
      const bytes = await readBlob(context.blobs, entry.hash)
      const text = decodeText(bytes)
      if (text === undefined) {
        throw new ToolError('not-text', `"${path}" is not a text file: it is ${describeBytes(bytes)}`)
      }
      const lines = linesOf(text)
      const first = from ?? 1
      const wanted = lines.slice(first - 1, to ?? undefined)
      if (wanted.length === 0 && lines.length > 0) {
        throw new ToolError(
          'input',
          `"${path}" has ${lines.length} lines, but none from ${first} to ${to ?? 'the end'}`,
        )
      }
      const fits = wanted.slice(0, linesThatFit(wanted, limitChars))
      if (wanted.length > 0 && fits.length === 0) {
        throw new ToolError(
          'too-large',
          `line ${first} of "${path}" alone has more than ${limitChars} characters: search the files for a text in it, ` +
            'which shows what stands around it, or read the lines after it',
        )
      }
      const last = first + fits.length - 1
      const more = `lines ${count(first)} to ${count(last)} of ${count(lines.length)}: ask for the next with "from": ${last + 1}`
      return {
        output: {
          ...{ path, text: fits.join(''), from: first, to: last, lines: lines.length },
          ...(fits.length < wanted.length && { more }),
        },
      }
    },
  })
}

const count = (lines: number): string => lines.toLocaleString('en')

function linesThatFit(lines: readonly string[], limitChars: number): number {
  let chars = 0
  const tooFar = lines.findIndex((text) => {
    chars += text.length
    return chars > limitChars
  })
  return tooFar === -1 ? lines.length : tooFar
}
