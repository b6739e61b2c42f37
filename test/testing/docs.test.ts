/** What the page on testing shows as tests stands in `examples/testing`, and passes: against the build, as users have it. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { marked, type Token } from 'marked'
import { expect, it } from 'vitest'
import { ROOT } from '../root.ts'

const FOLDER = join(ROOT, 'examples', 'testing')
/** Of a process of its own, on a busy machine. */
const RUN_MS = 60_000

const files = await readdir(FOLDER)
const page = await readFile(join(ROOT, 'docs', 'testing.md'), 'utf8')
const blocks: string[] = []
void marked.walkTokens(marked.lexer(page), (token: Token) => {
  if (token.type === 'code' && token.lang === 'js') blocks.push(token.text)
})

it.each(files)('shows %s as it stands in its file', async (file) => {
  expect(blocks).toContain((await readFile(join(FOLDER, file), 'utf8')).trimEnd())
})

it('shows a test of an agent in twenty lines', () => {
  expect(blocks[0]!.split('\n').length).toBeLessThanOrEqual(20)
})

it(
  'shows tests that pass, with the runner that Node has',
  async () => {
    const paths = files.map((file) => join(FOLDER, file))
    // A runner inside of a runner would report to that one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', ...paths], {
      ...{ cwd: ROOT, timeout: RUN_MS, env },
    })
    expect(stdout).toMatch(new RegExp(`pass ${files.length}\\b`))
    expect(stdout).toMatch(/fail 0\b/)
  },
  RUN_MS,
)
