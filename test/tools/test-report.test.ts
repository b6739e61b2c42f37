import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/time/system-clock.ts'
import { runTests, type TestReport, type TestRun } from '../../src/tools/test-report.ts'
import { aDirectory, deadlineAfter, type Files, never } from './workspace.ts'

const packaged = (test: string): string => JSON.stringify({ type: 'module', scripts: { test } })

async function report(files: Files, options: Partial<TestRun> = {}): Promise<TestReport> {
  const directory = await aDirectory({ 'package.json': packaged('node --test test/*.test.js'), ...files })
  const home = await aDirectory()
  return runTests({ directory, home, clock: systemClock(), signal: never(), timeoutMs: 25_000, ...options })
}

const STUBS = `export function add(a, b) { return a + b }
export function subtract() {
  throw new Error('not implemented: subtract')
}
`

const SUITE = `import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { add, subtract } from '../src/math.js'
test('adds', () => assert.equal(add(1, 2), 3))
describe('subtract', () => {
  it('gives a difference', () => assert.equal(subtract(3, 2), 1))
  describe('below zero', () => {
    it('works', () => { subtract(1, 2) })
    it('keeps quiet', () => {})
  })
  it('is skipped', { skip: 'later' }, () => {})
  it('is to do', { todo: true }, () => { throw new Error('todo') })
})
test('compares', async (t) => {
  await t.test('wrongly', () => assert.deepEqual({ a: add(1, 1) }, { a: 3 }))
  await t.test('rightly', () => {})
})
`

const WORKSPACE: Files = { 'src/math.js': STUBS, 'test/math.test.js': SUITE }

/** A run with a test that hangs, ended once a file of its home has the text in it. */
async function hung(body: string, file: string, text: string, names?: string[]): Promise<TestReport> {
  const suite = `import { writeFileSync } from 'node:fs'
import { describe, it, test } from 'node:test'
test('quick', () => {})
describe('suite', () => { it('hangs', () => ${body}) })
`
  const home = await aDirectory()
  return report({ 'test/a.test.js': suite }, { home, names, ...deadlineAfter(join(home, file), text) })
}

describe('runTests', () => {
  it('tells by full names which tests passed, failed and were skipped', async () => {
    const { ok, exitCode, timedOut, passed, failed, skipped, output } = await report(WORKSPACE)
    expect({ ok, exitCode, timedOut }).toEqual({ ok: false, exitCode: 1, timedOut: false })
    expect(passed).toEqual(['adds', 'subtract > below zero > keeps quiet', 'compares > rightly'])
    expect(failed.map(({ name, file }) => [name, file])).toEqual([
      ['subtract > gives a difference', 'test/math.test.js'],
      ['subtract > below zero > works', 'test/math.test.js'],
      ['compares > wrongly', 'test/math.test.js'],
    ])
    expect(skipped).toEqual(['subtract > is skipped', 'subtract > is to do'])
    expect(output).toContain('adds')
  })

  it('gives the error and the stack of a failure, with paths of the workspace', async () => {
    const { failed } = await report(WORKSPACE)
    expect(failed[0]!.error).toBe('not implemented: subtract')
    expect(failed[0]!.stack).toMatch(
      /^Error: not implemented: subtract\n {4}at subtract \(src\/math\.js:3:9\)\n/,
    )
    expect(failed[2]!.error).toContain('deep')
    expect(failed[2]!.error).toContain('3')
  })

  it('is content when everything passes', async () => {
    const { ok, passed, failed } = await report({
      'test/a.test.js': `import { test } from 'node:test'\ntest('a', () => {})`,
    })
    expect({ ok, passed, failed }).toEqual({ ok: true, passed: ['a'], failed: [] })
  })

  it.each<[string, string[], boolean, string[], string[]]>([
    ['a test', ['adds'], true, ['adds'], []],
    [
      'a nested test',
      ['subtract > below zero > keeps quiet'],
      true,
      ['subtract > below zero > keeps quiet'],
      [],
    ],
    [
      'a failing one with a passing one',
      ['adds', 'compares > wrongly'],
      false,
      ['adds'],
      ['compares > wrongly'],
    ],
    [
      'a suite, which stands for all in it',
      ['subtract > below zero'],
      false,
      ['subtract > below zero > keeps quiet'],
      ['subtract > below zero > works'],
    ],
    ['a skipped test, which proves nothing', ['subtract > is skipped'], false, [], ['subtract > is skipped']],
    ['a part of a name, which is none', ['add'], false, [], ['add']],
  ])('counts only what it is asked for: %s', async (_, names, ok, passed, failed) => {
    const got = await report(WORKSPACE, { names })
    expect(got).toMatchObject({ ok, passed })
    expect(got.failed.map(({ name }) => name)).toEqual(failed)
  })

  it('says of a file that does not load why, and so of the tests in it', async () => {
    const files = { ...WORKSPACE, 'test/broken.test.js': `import '../src/missing.js'\n` }
    const { failed } = await report(files, { names: ['adds', 'test/broken.test.js', 'in the broken file'] })
    expect(failed).toMatchObject([
      {
        name: 'test/broken.test.js',
        file: 'test/broken.test.js',
        error: expect.stringContaining('src/missing.js'),
      },
      { name: 'in the broken file', error: expect.stringContaining('test/broken.test.js') },
    ])
    expect(failed[0]!.error).toMatch(/^Error \[ERR_MODULE_NOT_FOUND\]/)
  })

  it('says of a file with a syntax error which', async () => {
    const { failed } = await report({ 'test/broken.test.js': 'export const = 1\n' })
    expect(failed).toMatchObject([
      { name: 'test/broken.test.js', error: expect.stringMatching(/^SyntaxError: /) },
    ])
  })

  it('reads several runs of one script, and tests that run side by side', async () => {
    const one = `import { describe, it, test } from 'node:test'
describe('all at once', { concurrency: true }, () => {
  for (const name of ['a', 'b', 'c']) it(name, () => new Promise((resolve) => setImmediate(resolve)))
})`
    const two = `import { test } from 'node:test'\ntest('in the second run', () => {})\n`
    const script = packaged('node --test --test-concurrency=4 one/*.test.js && node --test two/x.test.js')
    const { ok, passed } = await report({
      'package.json': script,
      'one/x.test.js': one,
      'one/y.test.js': one,
      'two/x.test.js': two,
    })
    expect(ok).toBe(true)
    const names = ['a', 'b', 'c'].map((name) => `all at once > ${name}`)
    expect(passed).toEqual([...names, ...names, 'in the second run'])
  })

  it('does not take a test file without tests for a test', async () => {
    const { ok, passed } = await report({ 'test/empty.test.js': `console.log('nothing')` })
    expect({ ok, passed }).toEqual({ ok: false, passed: [] })
  })

  it.each<[string, Files]>([
    ['has no tests', { 'package.json': '{}' }],
    ['runs something else', { 'package.json': packaged('echo all is well') }],
    ['is no package', { 'package.json': 'not JSON' }],
  ])('says so where the workspace %s', async (_, files) => {
    await expect(report(files)).rejects.toMatchObject({ code: 'tool.no-report' })
    await expect(report(files)).rejects.toThrow('node --test')
  })

  it('ends a test that waits for ever at the deadline, and says that it was still running', async () => {
    const hangs = 'new Promise(() => setInterval(() => {}, 1000))'
    const { ok, timedOut, passed, failed } = await hung(hangs, 'test-report.jsonl', '"hangs"')
    expect({ ok, timedOut, passed }).toEqual({ ok: false, timedOut: true, passed: ['quick'] })
    expect(failed).toEqual([
      { name: 'suite > hangs', file: 'test/a.test.js', error: expect.stringContaining('still running') },
    ])
  })

  it('ends a test that keeps Node busy for ever at the deadline, and says it of its file at least', async () => {
    const spins = "{ writeFileSync(process.env.HOME + '/spinning', ''); for (;;); }"
    const { ok, timedOut, failed } = await hung(spins, 'spinning', '', ['suite > hangs'])
    expect({ ok, timedOut }).toEqual({ ok: false, timedOut: true })
    expect(failed).toEqual([{ name: 'suite > hangs', error: expect.stringContaining('still running') }])
  })

  it('hands the tests none of our environment', async () => {
    process.env.SKEIN_TEST_API_KEY = 'secret'
    const suite = `import { test } from 'node:test'
import assert from 'node:assert'
test('no key', () => assert.equal(process.env.SKEIN_TEST_API_KEY, undefined))`
    try {
      expect((await report({ 'test/a.test.js': suite })).ok).toBe(true)
    } finally {
      delete process.env.SKEIN_TEST_API_KEY
    }
  })

  it('ends with its signal', async () => {
    const signal = AbortSignal.abort()
    await expect(report(WORKSPACE, { signal })).rejects.toMatchObject({ code: 'tool.aborted' })
  })
})
