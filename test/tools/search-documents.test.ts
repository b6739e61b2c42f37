import { describe, expect, it } from 'vitest'
import type { BlobHash } from '../../protocols/ids.ts'
import { searchDocuments } from '../../src/tools/search-documents.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { aContext, storedTree } from './workspace.ts'

const documents = {
  'dates.md':
    '# Dates\n\nAbout time.\n\n## parseDuration\n\nTurns text into milliseconds.\n\n```js\nparseDuration("1h")\n```\n',
  'money.md': '# Money\n\n## formatPrice\n\nWrites a price. Never mind milliseconds.\n',
  'deep/notes.txt': 'Plain text about parsing.\n',
  'logo.png': 'parseDuration',
  'broken.md': Buffer.from([0xff, 0xfe]),
}

async function search(query: string, limit: number | null = null, context?: ToolContext) {
  const { output } = await searchDocuments().run({ query, limit }, context ?? (await aContext({ documents })))
  return output.results
}

describe('search_documents', () => {
  it('finds the section by a name in code, with all there is to know of it', async () => {
    const results = await search('parseDuration')
    expect(results).toEqual([
      {
        path: 'dates.md',
        heading: 'parseDuration',
        above: ['Dates'],
        line: 5,
        score: expect.any(Number),
        text: '## parseDuration\n\nTurns text into milliseconds.\n\n```js\nparseDuration("1h")\n```',
        code: [{ language: 'js', text: 'parseDuration("1h")' }],
      },
    ])
    expect(results[0]!.score).toBeGreaterThan(0)
  })

  it('puts first what has the words in its heading', async () => {
    const results = await search('milliseconds formatPrice')
    expect(results.map(({ heading }) => heading)).toEqual(['formatPrice', 'parseDuration'])
  })

  it('finds words by their beginning, in plain text as well', async () => {
    expect((await search('pars')).map(({ path }) => path)).toContain('deep/notes.txt')
  })

  it('gives as many as it is asked for, and none where nothing matches', async () => {
    expect(await search('milliseconds', 1)).toHaveLength(1)
    expect(await search('xylophone')).toEqual([])
  })

  it('gives the same order every time', async () => {
    expect(await search('a text price time')).toEqual(await search('a text price time'))
  })

  it('cuts a long section and keeps its code whole', async () => {
    const code = 'x'.repeat(200)
    const context = await aContext({
      documents: { 'a.md': `# Long\n\n${'word '.repeat(50)}\n\n\`\`\`\n${code}\n\`\`\`\n` },
    })
    const { output } = await searchDocuments({ limitChars: 100 }).run({ query: 'word', limit: null }, context)
    expect(output.results[0]!.text).toHaveLength(100 + '\n[…]'.length)
    expect(output.results[0]!.code).toEqual([{ language: '', text: code }])
  })

  it('does not find what is hidden', async () => {
    const tool = searchDocuments({ hide: (path) => path === 'dates.md' })
    const { output } = await tool.run({ query: 'parseDuration', limit: null }, await aContext({ documents }))
    expect(output.results).toEqual([])
  })

  it('indexes the documents once, and again when they are others', async () => {
    const context = await aContext({ documents })
    const read: BlobHash[] = []
    const blobs = {
      put: context.blobs.put,
      get(hash: BlobHash) {
        read.push(hash)
        return context.blobs.get(hash)
      },
    }
    const tool = searchDocuments()
    await tool.run({ query: 'price', limit: null }, { ...context, blobs })
    const once = read.length
    await tool.run({ query: 'price', limit: null }, { ...context, blobs })
    expect(read).toHaveLength(once)
    const others = await storedTree(context.blobs, { 'new.md': '# Price\n' })
    const { output } = await tool.run(
      { query: 'price', limit: null },
      { ...context, blobs, documents: others },
    )
    expect(output.results.map(({ path }) => path)).toEqual(['new.md'])
  })

  it('says so in a run without documents', async () => {
    await expect(search('x', null, await aContext())).rejects.toMatchObject({ code: 'tool.no-documents' })
  })
})
