/** What the page on coordination shows as code stands in `test/coordination/examples`, where it is compiled. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { marked, type Token } from 'marked'
import { expect, it } from 'vitest'
import { ROOT } from '../root.ts'

const FOLDER = join(ROOT, 'test', 'coordination', 'examples')
const files = await readdir(FOLDER)

it.each(files)('shows %s as it stands in its file', async (file) => {
  const blocks: string[] = []
  void marked.walkTokens(
    marked.lexer(await readFile(join(ROOT, 'docs', 'coordination.md'), 'utf8')),
    (token: Token) => {
      if (token.type === 'code' && token.lang === 'ts') blocks.push(token.text)
    },
  )
  const code = await readFile(join(FOLDER, file), 'utf8')
  expect(blocks).toContain(code.trimEnd().replace("'../../../src/index.ts'", "'skein'"))
})
