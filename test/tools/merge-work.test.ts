import { describe, expect, it } from 'vitest'
import { runId } from '../../protocols/ids.ts'
import type { Check } from '../../protocols/task.ts'
import { initialiseHead } from '../../src/tools/head.ts'
import { mergeWork } from '../../src/tools/merge-work.ts'
import { readTree } from '../../src/tools/tree.ts'
import { aContext, type Files, filesOf, storedTree } from './workspace.ts'

const TEST = `const { test } = require('node:test')
test('is one', () => require('node:assert').equal(require('..'), 1))
test('is odd', () => require('node:assert').ok(require('..') % 2))
`
const FIRST: Files = {
  'package.json': JSON.stringify({ main: 'index.js', scripts: { test: 'node --test' } }),
  'index.js': 'module.exports = 0\n',
  'test/test.js': TEST,
}

async function merged(
  work: Files,
  checks: Check[],
  { files, excused = [] as string[] }: { files?: string[]; excused?: string[] } = {},
) {
  const context = await aContext({ workspace: FIRST })
  const base = context.tree!
  await initialiseHead(context.records, runId('r1'), base)
  const tree = await storedTree(context.blobs, work)
  const outcome = await mergeWork.run(
    { base, checks, excused, ...(files && { files }) },
    { ...context, tree },
  )
  const left = outcome.tree && (await filesOf(context.blobs, await readTree(context.blobs, outcome.tree)))
  return { report: outcome.output, left }
}

describe('merge_work', () => {
  it('takes work whose whole suite passes, and tells that as one result', async () => {
    const { report } = await merged({ ...FIRST, 'index.js': 'module.exports = 1\n' }, [{ kind: 'suite' }])
    expect(report).toMatchObject({
      kind: 'merged',
      checks: [{ check: 'npm test', passed: true, detail: '2 tests' }],
    })
  })

  it('names what fails of the suite, so that a test can be excused', async () => {
    const three = { ...FIRST, 'index.js': 'module.exports = 3\n' }
    const { report } = await merged(three, [{ kind: 'suite' }])
    expect(report).toMatchObject({ kind: 'rejected', checks: [{ check: 'is one', passed: false }] })
    expect((await merged(three, [{ kind: 'suite' }], { excused: ['is one'] })).report.kind).toBe('merged')
  })

  it('refuses a suite that ends badly though no test fails', async () => {
    const scripts = { test: 'node --test && node -e "process.exit(3)"' }
    const work = { ...FIRST, 'index.js': 'module.exports = 1\n', 'package.json': JSON.stringify({ scripts }) }
    const { report } = await merged(work, [{ kind: 'suite' }])
    const detail = expect.stringContaining('it ended with 3')
    expect(report).toMatchObject({ kind: 'rejected', checks: [{ check: 'npm test', passed: false, detail }] })
  })

  it('gives work back without what is not its own to change', async () => {
    const { 'test/test.js': _, ...rest } = FIRST
    const work = { ...rest, 'index.js': 'module.exports = 1\n', 'notes.txt': 'mine', 'lib/new.js': '' }
    const { report, left } = await merged(work, [], { files: ['index.js', 'lib/'] })
    expect(report).toEqual({ kind: 'outside', paths: ['notes.txt', 'test/test.js'] })
    expect(left).toEqual({ ...FIRST, 'index.js': 'module.exports = 1\n', 'lib/new.js': '' })
  })
})
