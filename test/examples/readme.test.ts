/** What the front page shows as code is code: it stands in `examples/librarian.js`, compiles, and runs. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { marked, type Token } from 'marked'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startOpenaiStub } from '../model/openai-stub.ts'
import { EXAMPLES, runExample } from './program.ts'

const ROOT = join(EXAMPLES, '..')
/** Of the compiler, on a busy machine. */
const COMPILE_MS = 60_000

let folder: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'skein-readme-')))
  await cp(join(ROOT, 'docs'), join(folder, 'docs'), { recursive: true })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('shows the librarian as it stands in its file', async () => {
  const blocks: string[] = []
  void marked.walkTokens(marked.lexer(await readFile(join(ROOT, 'README.md'), 'utf8')), (token: Token) => {
    if (token.type === 'code' && token.lang === 'js') blocks.push(token.text)
  })
  const file = await readFile(join(EXAMPLES, 'librarian.js'), 'utf8')
  expect(blocks.join('\n\n')).toBe(file.trimEnd().replace(/^\/\*\*.*\n/, ''))
})

it(
  'compiles, with the types of the package',
  async () => {
    const options = '--allowJs --checkJs --noEmit --strict --module nodenext --target es2023 --types node'
    const compiler = join(ROOT, 'node_modules', '.bin', 'tsc')
    const args = [...options.split(' '), '--skipLibCheck', '--ignoreConfig', join(EXAMPLES, 'librarian.js')]
    await promisify(execFile)(compiler, args, { cwd: ROOT, timeout: COMPILE_MS })
  },
  COMPILE_MS,
)

it('answers from the documents by a model that has a tool to search them', async () => {
  const endpoint = await startOpenaiStub(
    ({ messages }) => {
      const found = messages.find(({ role }) => role === 'tool')?.content
      if (!found) return { calls: [{ name: 'search_documents', arguments: { query: 'ESLint', limit: 1 } }] }
      return { json: { text: 'It wants another compiler.', page: JSON.parse(found).results[0].path } }
    },
    { apiKey: 'sk-test' },
  )
  try {
    const env = { OPENAI_BASE_URL: endpoint.url, OPENAI_API_KEY: 'sk-test', OPENAI_MODEL: 'stub-model' }
    const { code, stdout, stderr } = await runExample('librarian.js', [], { cwd: folder, env })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('completed')
    expect(stdout).toMatch(/page: 'adr\/\d{4}-[a-z-]+\.md'/)
  } finally {
    await endpoint.close()
  }
})
