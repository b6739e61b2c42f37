import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { editFile } from '../../src/tools/edit-file.ts'
import { initialiseHead, mergeIntoHead } from '../../src/tools/head.ts'
import { mergeWork } from '../../src/tools/merge-work.ts'
import { previewOf } from '../../src/tools/preview.ts'
import { runCommandTool } from '../../src/tools/run-command.ts'
import { defineTool, type Tool, type ToolContext } from '../../src/tools/tool.ts'
import { writeFile } from '../../src/tools/write-file.ts'
import { aContext, type Files, storedTree } from './workspace.ts'

const FILES: Files = { 'a.js': 'one\ntwo\nthree\n', 'b.js': 'b\n' }

const seen = (tool: unknown, input: unknown, context: ToolContext) => previewOf(tool as Tool, input, context)

describe('a dry run', () => {
  it('shows what a call would change, and leaves the workspace as it is', async () => {
    const context = await aContext({ workspace: FILES })
    const preview = await seen(writeFile(), { path: 'lib/c.js', text: 'c\nd\n' }, context)
    expect(preview).toEqual({
      text: 'changes the workspace of the agent: 1 file, +2 −0\n  lib/c.js  +2 −0, new',
      patch: expect.stringContaining('+++ b/lib/c.js\n@@ -0,0 +1,2 @@\n+c\n+d\n'),
    })
    const edits = [
      { action: 'replace', path: 'a.js', old: 'two', new: 'TWO\n-- 2', all: null, to: null },
      { action: 'delete', path: 'b.js', old: null, new: null, all: null, to: null },
    ]
    expect((await seen(editFile(), { edits }, context))?.text.split('\n')).toEqual([
      'changes the workspace of the agent: 2 files, +2 −2',
      '  a.js  +2 −1',
      '  b.js  +0 −1, deleted',
    ])
  })

  it('says that a call would fail, and why', async () => {
    const context = await aContext({ workspace: FILES })
    const edits = [{ action: 'replace', path: 'a.js', old: 'four', new: '4', all: null, to: null }]
    expect((await seen(editFile(), { edits }, context))?.text).toMatch(/^would fail: .*"a\.js"/)
  })

  it('names no file in a way that looks like more than one line', async () => {
    const context = await aContext({ workspace: FILES })
    const preview = await seen(writeFile(), { path: 'x\n  y.js', text: '' }, context)
    expect(preview?.text.split('\n')[1]).toBe('  "x\\n  y.js"  +0 −0, new')
  })

  it('is nothing that a tool has which says nothing of itself', async () => {
    const plain = defineTool({
      ...{ name: 'plain', description: '', input: z.object({}), output: z.object({}) },
      run: () => Promise.reject(new Error('was run')),
    })
    expect(await seen(plain, {}, await aContext())).toBeUndefined()
  })
})

describe('the preview of a merge', () => {
  async function merging(
    work: Files,
    { others, files, excused = [] }: { others?: Files; files?: string[]; excused?: string[] } = {},
  ) {
    const context = await aContext({ workspace: FILES })
    const { blobs, records, run, signal } = context
    const base = context.tree!
    await initialiseHead(records, run, base)
    if (others !== undefined) {
      const tree = await storedTree(blobs, others)
      await mergeIntoHead({
        ...{ blobs, records, run, signal, base, tree },
        task: 'other',
        check: async () => undefined,
      })
    }
    const checks = [
      { kind: 'tests', names: ['is one'] },
      { kind: 'command', argv: ['npm', 'run', 'lint it'] },
    ]
    const tree = await storedTree(blobs, work)
    return seen(mergeWork, { base, checks, excused, ...(files && { files }) }, { ...context, tree })
  }
  const work = { ...FILES, 'a.js': 'one\ntwo\nTHREE\n' }

  it('is what it changes in the head, and what has to hold for that', async () => {
    const preview = await merging(work)
    expect(preview?.text.split('\n')).toEqual([
      'merges work into the head of the run: 1 file, +1 −1',
      '  a.js  +1 −1',
      'it is merged only if these hold on the merged tree: the test "is one"; npm run "lint it"',
      expect.stringContaining('as it was when this was asked'),
    ])
    expect(preview?.patch).toContain('-three\n+THREE\n')
  })

  it('says which of the checks may fail', async () => {
    const preview = await merging(work, { excused: ['is one'] })
    expect(preview?.text).toContain('\nof those, these may fail: "is one"\n')
  })

  it('leaves out what others have merged since the work began', async () => {
    const preview = await merging(work, { others: { ...FILES, 'b.js': 'B\n' } })
    expect(preview?.patch).toContain('+THREE')
    expect(preview?.patch).not.toContain('b.js')
  })

  it('says that nothing would be merged, where others were faster or the work goes too far', async () => {
    const overlap = await merging(work, { others: { ...FILES, 'a.js': 'one\ntwo\n3\n' } })
    expect(overlap?.text).toMatch(
      /^would merge nothing, since others changed the same places meanwhile: a\.js\n/,
    )
    expect(overlap?.patch).toContain('+THREE')
    const outside = await merging(work, { files: ['b.js'] })
    expect(outside?.text).toMatch(/^would merge nothing, since it changes what its task may not: a\.js\n/)
  })
})

describe('the preview of a command', () => {
  it('is the command, whether anything contains it, and what the run has written of what it runs', async () => {
    const context = await aContext({ workspace: { ...FILES, 'a.js': 'evil()\n' } })
    const base = await storedTree(context.blobs, FILES)
    const tool = runCommandTool({ commands: [{ argv: ['node', 'a "b"'] }] })
    const preview = await seen(tool, { argv: ['node', 'a "b"'] }, { ...context, base })
    expect(preview?.text.split('\n')).toEqual([
      'runs node "a \\"b\\"" in a copy of the workspace, contained by no sandbox',
      'the workspace as the run has changed it: 1 file, +1 −3',
      '  a.js  +1 −3',
    ])
    expect(preview?.patch).toContain('+evil()')
    expect((await seen(tool, { argv: ['rm', '-r', '/'] }, context))?.text).toMatch(
      /^would fail: rm -r \/ is not/,
    )
  })
})
