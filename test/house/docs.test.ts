import { access, readFile } from 'node:fs/promises'
import { extname, join, posix, sep } from 'node:path'
import { marked, type Token } from 'marked'
import { describe, expect, it } from 'vitest'
import { filesOf, ROOT } from './sources.ts'

const TEXTS = new Set([
  '.css',
  '.html',
  '.js',
  '.json',
  '.md',
  '.mjs',
  '.svg',
  '.ts',
  '.txt',
  '.yaml',
  '.yml',
  '',
])

/** This very clone, unless its path is so short that it stands in a text by chance. */
const CLONE = ROOT.split(sep).length > 3 ? ROOT.split(sep).join('/') : undefined

const files = await filesOf()
const pages = files.filter((path) => path.endsWith('.md') && !path.startsWith('test/fixtures/'))
const read = (path: string) => readFile(join(ROOT, path), 'utf8')

/** Where the links and images of a page lead, those written as HTML as well. */
function linksIn(markdown: string): string[] {
  const links: string[] = []
  void marked.walkTokens(marked.lexer(markdown), (token: Token) => {
    if (token.type === 'link' || token.type === 'image') links.push(token.href)
    if (token.type === 'html')
      links.push(...[...token.text.matchAll(/\b(?:href|src)="([^"]+)"/g)].map(([, href]) => href!))
  })
  return links
}

/** Anchors as GitHub names them. */
function anchorsIn(markdown: string): string[] {
  return marked
    .lexer(markdown)
    .flatMap((token) => (token.type === 'heading' ? [token.text as string] : []))
    .map((text) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    )
}

async function leadsNowhere(page: string, link: string): Promise<boolean> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return false
  const [path = '', anchor] = decodeURI(link).split('#')
  const target = path === '' ? page : posix.join(posix.dirname(page), path)
  const isThere = await access(join(ROOT, target)).then(
    () => true,
    () => false,
  )
  if (!isThere || !anchor || !target.endsWith('.md')) return !isThere
  return !anchorsIn(await read(target)).includes(anchor)
}

describe('the documents', () => {
  it.each(pages)('%s links to what is there', async (page) => {
    const links = linksIn(await read(page))
    const broken = await Promise.all(links.map((link) => leadsNowhere(page, link)))
    expect(links.filter((_, index) => broken[index])).toEqual([])
  })
})

describe('the files', () => {
  it('name no folder of the machine that they were written on', async () => {
    const texts = files.filter((path) => TEXTS.has(extname(path)))
    const named = await Promise.all(
      texts.map(async (path) => {
        const text = await read(path)
        return /\/(home|Users)\/[A-Za-z]/.test(text) || (CLONE !== undefined && text.includes(CLONE))
      }),
    )
    expect(texts.filter((_, index) => named[index])).toEqual([])
  })

  it('name no registry in the lock file, so that everybody installs from his own', async () => {
    const { packages } = JSON.parse(await read('package-lock.json')) as {
      packages: Record<string, { resolved?: string }>
    }
    expect(Object.values(packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([])
  })
})
