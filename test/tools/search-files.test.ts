import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Blobs } from '../../src/bus/blobs.ts'
import { systemClock } from '../../src/time/system-clock.ts'
import { type SearchFilesOptions, searchFiles } from '../../src/tools/search-files.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { aContext, aDirectory, type Files, storedTree } from './workspace.ts'

const workspace: Files = {
  'README.md': '# Words\n\nCounts words.\n',
  'src/words.js': 'export function words(text) {\n  return text.split(/\\s+/)\n}\n',
  'src/deep/count.js':
    "import { words } from '../words.js'\n\nexport const count = (text) => words(text).length\n// WORDS\n",
  'test/words.test.js': "import { words } from '../src/words.js'\n",
  'windows.txt': 'one\r\ntwo words\r\n\r\nfoo {\r\n',
  'logo.png': 'words\0words',
  'no-end.txt': 'grüße an words',
}

type Asked = Partial<Parameters<ReturnType<typeof searchFiles>['run']>[0]>

const NOTHING = { regex: null, ignoreCase: null, include: null, exclude: null, context: null }

async function search(
  asked: Asked & { query: string },
  options: SearchFilesOptions = {},
  given?: ToolContext,
) {
  const context = given ?? (await aContext({ workspace }))
  return (await searchFiles(options).run({ ...NOTHING, ...asked }, context)).output
}

const hasRipgrep = spawnSync('rg', ['--version']).status === 0

describe.each(['javascript', 'ripgrep'] as const)('search_files, by %s', (engine) => {
  beforeEach((test) => {
    if (engine === 'ripgrep' && !hasRipgrep) test.skip('this machine has no rg on its PATH')
  })
  const by: SearchFilesOptions = engine === 'ripgrep' ? {} : { ripgrep: false }
  const linesOf = async (
    asked: Asked & { query: string },
    options: SearchFilesOptions = {},
    files?: Files,
  ) => {
    const context = files && (await aContext({ workspace: files }))
    const { found, engine: used } = await search(asked, { ...by, ...options }, context)
    expect(used).toBe(engine)
    return found.flatMap(({ path, text }) => text.split('\n').map((line) => `${path}:${line}`))
  }

  it('shows each line with the text, by path and number, and counts them', async () => {
    expect(await search({ query: 'words(' }, by)).toEqual({
      lines: 2,
      files: 2,
      found: [
        { path: 'src/deep/count.js', lines: 1, text: '3:export const count = (text) => words(text).length' },
        { path: 'src/words.js', lines: 1, text: '1:export function words(text) {' },
      ],
      more: '',
      engine,
    })
  })

  it('finds nothing where there is nothing', async () => {
    expect(await search({ query: 'nowhere' }, by)).toMatchObject({ lines: 0, files: 0, found: [], more: '' })
  })

  it('takes the query for text unless it is told otherwise', async () => {
    expect(await linesOf({ query: 'w.rds' })).toEqual([])
    expect(await linesOf({ query: 'split(/\\s+/)' })).toEqual(['src/words.js:2:  return text.split(/\\s+/)'])
    expect(await linesOf({ query: '--files' })).toEqual([])
  })

  it('minds case unless it is told otherwise', async () => {
    expect(await linesOf({ query: 'WORDS' })).toEqual(['src/deep/count.js:4:// WORDS'])
    expect(await linesOf({ query: 'GRÜSSE', ignoreCase: true })).toEqual([])
    expect(await linesOf({ query: 'GRÜßE', ignoreCase: true })).toEqual(['no-end.txt:1:grüße an words'])
    expect(await linesOf({ query: 'a.B', ignoreCase: true }, {}, { a: 'A.b\naxb\n' })).toEqual(['a:1:A.b'])
  })

  it('searches the files that globs name, without those that globs leave out', async () => {
    const paths = async (asked: Asked) =>
      (await search({ query: 'words', ...asked }, by)).found.map(({ path }) => path)
    expect(await paths({ include: ['*.js'] })).toEqual([
      'src/deep/count.js',
      'src/words.js',
      'test/words.test.js',
    ])
    expect(await paths({ include: ['src', '*.md'], exclude: ['deep'] })).toEqual([
      'README.md',
      'src/words.js',
    ])
    expect(await paths({ include: [], exclude: ['*.js', '*.md'] })).toEqual(['no-end.txt', 'windows.txt'])
  })

  it('shows what is around, each line once', async () => {
    const files = { f: 'a\nb\nfound\nc\nfound\nd\ne\nf\ng\nfound' }
    const { found } = await search({ query: 'found', context: 1 }, by, await aContext({ workspace: files }))
    expect(found[0]?.text.split('\n')).toEqual([
      ...['2-b', '3:found', '4-c', '5:found', '6-d', '--', '9-g', '10:found'],
    ])
  })

  it('knows lines that end as on Windows', async () => {
    expect(await linesOf({ query: 'words$', regex: true, include: ['*.txt'] })).toEqual([
      'no-end.txt:1:grüße an words',
      'windows.txt:2:two words',
    ])
    expect(await linesOf({ query: '^$', regex: true, include: ['windows.txt'] })).toEqual(['windows.txt:3:'])
  })

  it('finds a thing in each of the files that have the same content', async () => {
    expect(await linesOf({ query: 'x' }, {}, { a: 'x\n', 'b/c': 'x\n' })).toEqual(['a:1:x', 'b/c:1:x'])
  })

  it('shows the part of a long line in which it is', async () => {
    const files = { f: `${'ü'.repeat(5_000)}needle${'.'.repeat(5_000)}` }
    const [line] = await linesOf({ query: 'needle' }, {}, files)
    expect(line).toMatch(/^f:1:…ü+needle\.+…$/)
    expect(line!.length).toBeLessThan(320)
  })

  it('says how much it does not show', async () => {
    const files = { a: 'x\n'.repeat(5), b: 'x\n'.repeat(5), c: 'x\n', d: 'x\n' }
    const { found, lines, more } = await search(
      { query: 'x' },
      { ...by, limitLines: 5, limitLinesOfFile: 3 },
      await aContext({ workspace: files }),
    )
    expect(found.map(({ path, text }) => [path, text.split('\n').length])).toEqual([
      ['a', 3],
      ['b', 2],
    ])
    expect(lines).toBe(12)
    expect(more).toMatch(/^7 more lines in 4 files: narrow the query/)
  })

  it('stays within its bound of characters', async () => {
    const files = { a: `x${'1'.repeat(90)}\n`, b: `x${'2'.repeat(90)}\n` }
    const { found, more } = await search(
      { query: 'x' },
      { ...by, limitChars: 100 },
      await aContext({ workspace: files }),
    )
    expect(found.map(({ path }) => path)).toEqual(['a'])
    expect(more).toMatch(/^1 more line in 1 file:/)
  })

  it('never shows what is hidden', async () => {
    const hide = (path: string) => path.startsWith('src/')
    expect(await linesOf({ query: 'function|const', regex: true }, { hide })).toEqual([])
  })

  it('finds what a changed tree has, and no more what it had', async () => {
    const context = await aContext({ workspace: { a: 'old\n', b: 'same\n' } })
    const tool = searchFiles(by)
    const found = async (query: string, files: Files) => {
      const tree = await storedTree(context.blobs, files)
      const { output } = await tool.run({ query, ...NOTHING }, { ...context, tree })
      return output.found.map(({ path }) => path)
    }
    expect(await found('old', { a: 'old\n', b: 'same\n' })).toEqual(['a'])
    expect(await found('old', { a: 'new\n', b: 'same\n' })).toEqual([])
    expect(await found('same', { a: 'new\n', c: 'same\n' })).toEqual(['c'])
  })

  it.each<[query: string, found: string[], others: string[]]>([
    ['^\\s*return\\b', ['  return 1', 'return'], ['returned', 'x return']],
    ['foo {', ['a foo {'], ['foo']],
    ['a{2}b{', ['aab{'], ['ab{']],
    ['\\"x\\"', ['say "x"'], ['x']],
    ['a\\/b\\-c', ['a/b-c'], ['abc']],
    ['(?i)ABC', ['xabcx'], ['ab']],
    ['\\Aab\\z', ['ab'], ['abc', 'xab']],
    ['\\<if\\>', ['x if y'], ['iffy']],
    ['(?P<n>a|b)+c', ['abc'], ['c']],
    ['(?<n>a)(?:b)c??', ['ab'], ['a']],
    ['[[:digit:]-]+x', ['1-2x'], ['x']],
    ['[\\w-.]+@', ['a-b.c@'], ['@']],
    ['[]a[]z', [']z', '[z', 'az'], ['z']],
    ['[^a&&b]z', ['cz'], ['az', '&z', 'bz']],
    ['[a~~b]z', ['~z', 'bz'], ['cz']],
    ['\\p{Lu}\\p{Ll}', ['Über', 'ÄÖÜber'], ['über', 'ÄÖ']],
    ['x\\x41\\u0042', ['xAB'], ['xAb']],
    ['😀.$', ['a😀b'], ['😀', '😀ab']],
    ['a\\|b|c\\\\d', ['a|b', 'c\\d'], ['a', 'd']],
    ['}', ['}'], ['{']],
    ['a.*z', ['a z'], ['z a']],
  ])('takes the expression %j as people mean it', async (query, found, others) => {
    const files = { f: [...found, ...others].map((line) => `${line}\n`).join('') }
    expect(await linesOf({ query, regex: true }, {}, files)).toEqual(
      found.map((line, index) => `f:${index + 1}:${line}`),
    )
  })

  it.each([
    ['a(?=b)', 'looks around'],
    ['(?<!a)b', 'looks around'],
    ['(a)\\1', 'refers back'],
    ['(a', 'Unterminated group'],
    ['[a', 'is not closed'],
    ['*a', 'Nothing to repeat'],
    ['a\\', 'middle of an escape'],
    ['a\\q', 'not known'],
    ['a(?i)b', 'at the beginning only'],
    ['a\nb', 'one line at a time'],
    ['x'.repeat(1_001), 'longer than'],
  ])('refuses %j and says why', async (query, why) => {
    await expect(search({ query, regex: true }, by)).rejects.toMatchObject({
      code: 'tool.pattern',
      message: expect.stringContaining(why),
    })
  })

  it('ends with the work that it is part of', async () => {
    const context = { ...(await aContext({ workspace })), signal: AbortSignal.abort(new Error('over')) }
    await expect(search({ query: 'x' }, by, context)).rejects.toThrow('over')
  })
})

describe('search_files', () => {
  it('fetches each content once, however many searches and trees have it', async () => {
    const context = await aContext({ workspace })
    let fetched = 0
    const blobs: Blobs = {
      put: (bytes) => context.blobs.put(bytes),
      get(hash) {
        fetched++
        return context.blobs.get(hash)
      },
    }
    const tool = searchFiles({ ripgrep: false })
    const searched = async (files: Files) => {
      const tree = await storedTree(context.blobs, files)
      fetched = 0
      await tool.run({ query: 'nowhere', ...NOTHING }, { ...context, blobs, tree })
      return fetched - 1 // the tree itself
    }
    expect(await searched(workspace)).toBe(Object.keys(workspace).length)
    expect(await searched(workspace)).toBe(0)
    expect(await searched({ ...workspace, 'src/words.js': 'other\n' })).toBe(1)
  })

  it('ends an expression that would run for ever, and blocks nobody meanwhile', async () => {
    const context = await aContext({ workspace: { f: `${'a'.repeat(60)}b\n` } })
    // The deadline comes once this thread had its turn often: were it blocked, it would never come.
    const real = systemClock()
    const clock: ToolContext['clock'] = {
      now: real.now,
      setTimer: (delayMs, fire) => real.setTimer(delayMs === 7_000 ? 200 : delayMs, fire),
    }
    const asked = search(
      { query: '(a+)+$', regex: true },
      { ripgrep: false, searchMs: 7_000 },
      { ...context, clock },
    )
    await expect(asked).rejects.toMatchObject({ code: 'tool.slow-search' })
    await expect(asked).rejects.toThrow('not done in 7 s')
  })

  it('says so in a run that has no workspace, and searches documents where it is made for them', async () => {
    await expect(search({ query: 'x' }, {}, await aContext())).rejects.toMatchObject({
      code: 'tool.no-workspace',
    })
    const context = await aContext({ documents: { 'guide.md': 'x\n' } })
    const { found } = await search({ query: 'x' }, { of: 'documents' }, context)
    expect(found).toEqual([{ path: 'guide.md', lines: 1, text: '1:x' }])
  })
})

/** A program that answers as rg does; it is told what by a file beside it. */
async function aRipgrep(program: string): Promise<string> {
  const directory = await aDirectory({ 'rg*': `#!/usr/bin/env node\n${program}` })
  return join(directory, 'rg')
}

const TELL = `
const { basename } = require('node:path')
const args = process.argv.slice(2)
const files = args.slice(args.indexOf('--') + 1)
const tell = (type, data) => console.log(JSON.stringify({ type, data }))
`

describe('what ripgrep prints', () => {
  const by = async (program: string) => ({ ripgrep: await aRipgrep(program) })

  it('is read line by line: matches with their bytes counted as characters, and nothing else', async () => {
    const program = `${TELL}
    for (const file of files) {
      tell('begin', { path: { text: file } })
      tell('context', { path: { text: file }, lines: { text: 'x\\n' }, line_number: 1, submatches: [] })
      tell('match', { path: { text: file }, lines: { text: 'üx needle\\n' }, line_number: 2, absolute_offset: 0,
        submatches: [{ match: { text: 'needle' }, start: 4, end: 10 }] })
      tell('end', { path: { text: file }, stats: {} })
    }
    tell('summary', { stats: {} })`
    const context = await aContext({ workspace: { 'a.txt': 'x\nüx needle\n', 'b.bin': '\0' } })
    expect(await search({ query: 'needle' }, await by(program), context)).toMatchObject({
      lines: 1,
      found: [{ path: 'a.txt', text: '2:üx needle' }],
      engine: 'ripgrep',
    })
  })

  it('is asked for with the query after its flag, so that no query is an option or a file', async () => {
    const program = `${TELL}
    const said = args.slice(0, args.indexOf('--'))
    if (!said.includes('--regexp=--pre=sh') || !said.includes('--fixed-strings')) process.exit(2)
    tell('match', { path: { text: files[0] }, lines: { text: 'x' }, line_number: 1, submatches: [{ start: 0 }] })`
    const { engine } = await search({ query: '--pre=sh' }, await by(program))
    expect(engine).toBe('ripgrep')
  })

  it.each([
    ['fails', 'process.exit(2)'],
    ['is another program', 'process.exit(127)'],
  ])('is not waited for where it %s: JavaScript searches', async (_, program) => {
    const { engine, lines } = await search({ query: 'words(' }, await by(program))
    expect({ engine, lines }).toEqual({ engine: 'javascript', lines: 2 })
  })

  it('is not waited for where there is none: JavaScript searches', async () => {
    expect(await search({ query: 'words(' }, { ripgrep: 'no-such-rg' })).toMatchObject({
      engine: 'javascript',
      lines: 2,
    })
  })

  it('is ended at its deadline', async () => {
    const real = systemClock()
    const clock: ToolContext['clock'] = {
      now: real.now,
      setTimer: (delayMs, fire) => real.setTimer(delayMs === 7_000 ? 0 : delayMs, fire),
    }
    const context = { ...(await aContext({ workspace })), clock }
    const asked = search(
      { query: 'x' },
      { ...(await by('setInterval(() => {}, 1000)')), searchMs: 7_000 },
      context,
    )
    await expect(asked).rejects.toMatchObject({ code: 'tool.slow-search' })
  })

  it('is read no further than anybody counts', async () => {
    const program = `${TELL}
    const line = (n) => JSON.stringify({ type: 'match', data: { path: { text: files[0] }, lines: { text: 'x' },
      line_number: n, submatches: [{ start: 0 }] } }) + '\\n'
    let n = 0
    const more = () => { while (process.stdout.write(line(++n))); process.stdout.once('drain', more) }
    process.stdout.on('error', () => process.exit())
    more()`
    const { lines, more } = await search({ query: 'x' }, await by(program))
    expect(lines).toBe(20_000)
    expect(more).toMatch(/^at least 19,980 more lines in 1 file/)
  })
})
