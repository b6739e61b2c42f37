/** The tool that finds sections of the documents by their words, ranked by BM25. */
import MiniSearch from 'minisearch'
import { z } from 'zod'
import type { BlobHash } from '../../protocols/ids.ts'
import type { Blobs } from '../bus/blobs.ts'
import { type Section, sectionsOf } from './document.ts'
import { treeOf } from './source.ts'
import { decodeText } from './text.ts'
import { defineTool, type Tool } from './tool.ts'
import { readBlob, type Tree, type TreePath } from './tree.ts'

const input = z.object({
  query: z.string().min(1).describe('words to look for; names in code count as words'),
  limit: z.number().int().min(1).max(20).nullable().describe('how many sections to return; null for 5'),
})

const output = z.object({
  results: z.array(
    z.object({
      path: z.string().describe('the document'),
      heading: z.string().describe('heading of the section; empty before the first one'),
      above: z.array(z.string()).describe('headings that the section lies under, outermost first'),
      line: z.number().int().describe('line of the document that the section begins in'),
      score: z.number(),
      text: z.string().describe('the section in Markdown, cut where it is long'),
      code: z.array(z.object({ language: z.string(), text: z.string() })).describe('its fenced code blocks'),
    }),
  ),
})

export type SearchDocumentsOptions = {
  /** Documents that the agent is not to see. */
  readonly hide?: (path: TreePath) => boolean
  /** Characters of a section that are returned; its code blocks are returned whole. */
  readonly limitChars?: number
}

const RESULTS = 5
const LIMIT_CHARS = 4_000
const DOCUMENT = /\.(md|markdown|txt)$/i

type Indexed = Section & { readonly id: number; readonly path: TreePath }
type Index = { readonly search: MiniSearch<Indexed>; readonly sections: readonly Indexed[] }

/** `search_documents`. It keeps the index of the documents that it searched last. */
export function searchDocuments(options: SearchDocumentsOptions = {}): Tool<typeof input, typeof output> {
  const { hide = () => false, limitChars = LIMIT_CHARS } = options
  let kept: { hash: BlobHash | undefined; index: Index } | undefined

  return defineTool({
    name: 'search_documents',
    description:
      'Searches the documents of the run and returns the sections that match best, with their code.',
    input,
    output,
    async run({ query, limit }, context) {
      if (kept === undefined || kept.hash !== context.documents) {
        const tree = await treeOf('documents', context)
        kept = { hash: context.documents, index: await indexOf(context.blobs, tree, hide) }
      }
      const { search, sections } = kept.index
      const hits = search.search(query).slice(0, limit ?? RESULTS)
      const results = hits.map(({ id, score }) => {
        const { path, heading, above, line, text, code } = sections[id as number]!
        return {
          path,
          heading,
          above: [...above],
          line,
          score: Math.round(score * 1000) / 1000,
          text: text.length > limitChars ? `${text.slice(0, limitChars)}\n[…]` : text,
          code: [...code],
        }
      })
      return { output: { results } }
    },
  })
}

async function indexOf(blobs: Blobs, tree: Tree, hide: (path: TreePath) => boolean): Promise<Index> {
  const sections: Indexed[] = []
  for (const [path, { hash }] of tree) {
    if (!DOCUMENT.test(path) || hide(path)) continue
    const text = decodeText(await readBlob(blobs, hash))
    if (text === undefined) continue
    for (const section of sectionsOf(text)) sections.push({ ...section, id: sections.length, path })
  }
  const search = new MiniSearch<Indexed>({
    fields: ['heading', 'above', 'text'],
    searchOptions: {
      boost: { heading: 3, above: 1.5 },
      // A long word also finds what begins with it, for plurals; a short one would find too much.
      prefix: (term) => term.length > 3,
    },
  })
  search.addAll(sections)
  return { search, sections }
}
