/**
 * The tool that edits files: it puts new text in the place of old text, and creates, deletes and renames files; several
 * edits in several files at once, all of them or none.
 *
 * The form is search and replace, not a unified diff: large models write it right most often, and no line number has to
 * be counted (Glukhov et al., "Diff-XYZ", 2025, arXiv:2510.12487). The two texts are fields of their own, so
 * that no mark in a text has to be told from the text.
 */
import { z } from 'zod'
import { assertNever } from '../../protocols/errors.ts'
import type { Blobs } from '../bus/blobs.ts'
import { replaceIn } from './edit/change.ts'
import { assureOwn } from './scope.ts'
import { treeOf } from './source.ts'
import { decodeText, encodeText } from './text.ts'
import { defineTool, type Tool, ToolError } from './tool.ts'
import { readBlob, type Tree, type TreeEntry, type TreePath, treePath, withFile, writeTree } from './tree.ts'

const editSchema = z.object({
  action: z
    .enum(['replace', 'create', 'delete', 'rename'])
    .describe('replace: puts "new" in the place of "old"; create: a new file with the text "new"'),
  path: z.string().describe('path from the root, like "src/index.js"'),
  old: z
    .string()
    .nullable()
    .describe('for replace: lines as they stand in the file, enough of them to stand there once; else null'),
  new: z
    .string()
    .nullable()
    .describe('for replace: what takes their place; for create: the whole text; else null'),
  all: z.boolean().nullable().describe('for replace: true to replace "old" wherever it stands; else null'),
  to: z.string().nullable().describe('for rename: the new path; else null'),
})

const input = z.object({
  edits: z.array(editSchema).min(1).max(100).describe('made in this order, all of them or none'),
})

const output = z.object({
  edits: z.array(
    z.object({
      path: z.string(),
      done: z.string().describe('what was done, with the lines of the file before the edit'),
      match: z
        .enum(['exact', 'whitespace'])
        .nullable()
        .describe(
          'whitespace: "old" stood there with other whitespace, and "new" was indented alike: look at it',
        ),
    }),
  ),
})

type Edit = z.output<typeof editSchema>
type Done = z.input<typeof output>['edits'][number]

export type EditFileOptions = {
  /** Files that the agent may change: all, unless it says otherwise. */
  readonly allow?: (path: TreePath) => boolean
  /** Bytes of a file after an edit. */
  readonly limitBytes?: number
}

const LIMIT_BYTES = 2 ** 20

/** `edit_file`. Where an edit cannot be made, `tool.conflict` says of each such edit why, and nothing is changed. */
export function editFile(options: EditFileOptions = {}): Tool<typeof input, typeof output> {
  return defineTool({
    name: 'edit_file',
    description:
      'Changes files of the workspace: replaces text, creates, deletes and renames files. Several edits in one call ' +
      'are made together or not at all. Prefer it to write_file for changes to a file that is there.',
    input,
    output,
    preview: 'dry-run',
    workspace: 'changes',
    async run({ edits }, context) {
      const before = await treeOf('workspace', context)
      const draft = createDraft(context.blobs, before, options)
      const done: Done[] = []
      const conflicts: string[] = []
      for (const [index, edit] of edits.entries()) {
        try {
          done.push(await draft.make(edit))
        } catch (error) {
          if (!(error instanceof ToolError)) throw error
          if (edits.length === 1) throw error
          conflicts.push(
            `edit ${index + 1} of ${edits.length}, ${edit.action} "${edit.path}": ${error.message}`,
          )
        }
      }
      if (conflicts.length > 0) {
        const others = edits.length - conflicts.length
        const rest = others === 0 ? '' : ` The other ${others} could be made: give all of them again.`
        throw conflict(`nothing was changed.${rest}\n${conflicts.join('\n')}`)
      }
      return { output: { edits: done }, tree: await writeTree(context.blobs, await draft.tree()) }
    },
  })
}

/** A tree that is being changed: texts in memory until all is known to be well. */
function createDraft(
  blobs: Blobs,
  before: Tree,
  { allow = () => true, limitBytes = LIMIT_BYTES }: EditFileOptions,
) {
  const tree = new Map(before)
  const texts = new Map<TreePath, string>()

  function own(given: string): TreePath {
    const path = treePath(given)
    assureOwn(path, allow)
    return path
  }

  function entryOf(path: TreePath): TreeEntry {
    const entry = tree.get(path)
    if (entry !== undefined) return entry
    throw new ToolError(
      'no-file',
      `there is no "${path}" in the workspace: list the files first, or create it`,
    )
  }

  async function textOf(path: TreePath): Promise<string> {
    const { hash } = entryOf(path)
    const text = texts.get(path) ?? decodeText(await readBlob(blobs, hash))
    if (text !== undefined) return text
    throw new ToolError('not-text', `"${path}" is not a text file: it cannot be edited`)
  }

  function set(path: TreePath, text: string, entry: TreeEntry): void {
    const bytes = Buffer.byteLength(text)
    if (bytes > limitBytes) {
      throw new ToolError(
        'too-large',
        `"${path}" would have ${bytes} bytes, and ${limitBytes} are allowed: put part of it into another file`,
      )
    }
    place(path, entry)
    texts.set(path, text)
  }

  function place(path: TreePath, entry: TreeEntry): void {
    if (!tree.has(path)) withFile(tree, path, entry) // refuses what no disk can hold
    tree.set(path, entry)
  }

  function refuseTaken(path: TreePath): void {
    if (!tree.has(path)) return
    throw new ToolError('exists', `there is a "${path}" already: replace text in it, or delete it first`)
  }

  async function replace(path: TreePath, edit: Edit): Promise<Done> {
    const { old, new: replacement, all } = edit
    if (old === null || replacement === null) throw missing('replace', 'old', 'new')
    const text = await textOf(path)
    const change = replaceIn(text, { old, new: replacement, all: all ?? false })
    if ('conflict' in change) throw conflict(`"${path}": ${change.conflict}`)
    set(path, change.text, entryOf(path))
    const { fromLine, toLine, places, match } = change
    const where = fromLine === toLine ? `line ${fromLine}` : `lines ${fromLine} to ${toLine}`
    return { path, done: `replaced ${where}${places > 1 ? ` and ${places - 1} other places` : ''}`, match }
  }

  return {
    /** @throws ToolError, and leaves the draft as it was */
    async make(edit: Edit): Promise<Done> {
      const path = own(edit.path)
      const { action } = edit
      switch (action) {
        case 'replace':
          return replace(path, edit)
        case 'create': {
          if (edit.new === null) throw missing('create', 'new')
          refuseTaken(path)
          set(path, edit.new, { hash: await blobs.put(encodeText(edit.new)), mode: 'file' })
          return { path, done: 'created', match: null }
        }
        case 'delete': {
          entryOf(path)
          tree.delete(path)
          texts.delete(path)
          return { path, done: 'deleted', match: null }
        }
        case 'rename': {
          if (edit.to === null) throw missing('rename', 'to')
          const to = own(edit.to)
          const entry = entryOf(path)
          refuseTaken(to)
          tree.delete(path)
          try {
            place(to, entry)
          } catch (error) {
            tree.set(path, entry)
            throw error
          }
          const text = texts.get(path)
          texts.delete(path)
          if (text !== undefined) texts.set(to, text)
          return { path: to, done: `renamed from "${path}"`, match: null }
        }
        default:
          return assertNever(action)
      }
    },
    async tree(): Promise<Tree> {
      for (const [path, text] of texts) {
        tree.set(path, { hash: await blobs.put(encodeText(text)), mode: entryOf(path).mode })
      }
      return tree
    },
  }
}

const conflict = (text: string): ToolError => new ToolError('conflict', text)

const missing = (action: string, ...fields: string[]): ToolError =>
  new ToolError(
    'input',
    `${action} needs ${fields.map((field) => `"${field}"`).join(' and ')}: they must not be null`,
  )
