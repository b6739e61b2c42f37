import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { editFile } from '../../src/tools/edit-file.ts'
import { listFiles } from '../../src/tools/list-files.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { runCommandTool } from '../../src/tools/run-command.ts'
import { searchDocuments } from '../../src/tools/search-documents.ts'
import { searchFiles } from '../../src/tools/search-files.ts'
import { readTree } from '../../src/tools/tree.ts'
import { writeFile } from '../../src/tools/write-file.ts'
import { aContext, filesOf } from './workspace.ts'

const workspace = {
  'package.json': '{}\n',
  'src/b.js': 'one\ntwo\nthree\n',
  'src/a.js': '',
  'srcs/c.js': '',
  'test/t.js': '',
}
const isTest = (path: string) => path.startsWith('test/')

describe('list_files', () => {
  it('names all files, sorted', async () => {
    const { output } = await listFiles().run({ folder: null }, await aContext({ workspace }))
    expect(output).toEqual({
      files: ['package.json', 'src/a.js', 'src/b.js', 'srcs/c.js', 'test/t.js'],
      more: 0,
    })
  })

  it.each(['src', './src/', 'src/'])('names those below a folder, written %j', async (folder) => {
    const { output } = await listFiles().run({ folder }, await aContext({ workspace }))
    expect(output.files).toEqual(['src/a.js', 'src/b.js'])
  })

  it.each(['', '.', '/'])('takes %j for the root', async (folder) => {
    const { output } = await listFiles().run({ folder }, await aContext({ workspace }))
    expect(output.files).toHaveLength(5)
  })

  it('says how many it does not name, and never names what is hidden', async () => {
    const { output } = await listFiles({ hide: isTest, limit: 3 }).run(
      { folder: null },
      await aContext({ workspace }),
    )
    expect(output).toEqual({ files: ['package.json', 'src/a.js', 'src/b.js'], more: 1 })
  })

  it('names documents where it is made for them', async () => {
    const tool = listFiles({ of: 'documents' })
    const context = await aContext({ workspace, documents: { 'guide.md': '' } })
    expect(tool.name).toBe('list_documents')
    expect((await tool.run({ folder: null }, context)).output.files).toEqual(['guide.md'])
  })

  it('says so in a run that has none', async () => {
    const context = await aContext()
    await expect(listFiles().run({ folder: null }, context)).rejects.toMatchObject({
      code: 'tool.no-workspace',
    })
    const documents = listFiles({ of: 'documents' }).run({ folder: null }, context)
    await expect(documents).rejects.toMatchObject({ code: 'tool.no-documents' })
  })
})

describe('read_file', () => {
  const whole = { from: null, to: null }

  it('gives a whole file', async () => {
    const { output } = await readFile().run({ path: './src/b.js', ...whole }, await aContext({ workspace }))
    expect(output).toEqual({ path: 'src/b.js', text: 'one\ntwo\nthree\n', from: 1, to: 3, lines: 3 })
  })

  it.each([
    [2, null, 'two\nthree\n', 3],
    [2, 2, 'two\n', 2],
    [null, 2, 'one\ntwo\n', 2],
    [3, 99, 'three\n', 3],
  ])('gives the lines from %j to %j', async (from, to, text, last) => {
    const { output } = await readFile().run({ path: 'src/b.js', from, to }, await aContext({ workspace }))
    expect(output).toEqual({ path: 'src/b.js', text, from: from ?? 1, to: last, lines: 3 })
  })

  it('gives an empty file', async () => {
    const { output } = await readFile().run({ path: 'src/a.js', ...whole }, await aContext({ workspace }))
    expect(output).toMatchObject({ text: '', lines: 0 })
  })

  it('stops at the last whole line within its limit', async () => {
    const tool = readFile({ limitChars: 9 })
    const { output } = await tool.run({ path: 'src/b.js', ...whole }, await aContext({ workspace }))
    expect(output).toEqual({ path: 'src/b.js', text: 'one\ntwo\n', from: 1, to: 2, lines: 3 })
  })

  it.each([
    ['no-file', { path: 'src/nope.js', ...whole }],
    ['no-file', { path: 'test/t.js', ...whole }],
    ['no-file', { path: 'src', ...whole }],
    ['jail', { path: '../secret', ...whole }],
    ['not-text', { path: 'logo.png', ...whole }],
    ['input', { path: 'src/b.js', from: 4, to: null }],
    ['input', { path: 'src/b.js', from: 3, to: 2 }],
    ['too-large', { path: 'long.txt', ...whole }],
  ])('answers tool.%s to %j', async (code, input) => {
    const tool = readFile({ hide: isTest, limitChars: 100 })
    const context = await aContext({
      workspace: { ...workspace, 'logo.png': 'PNG\0', 'long.txt': 'x'.repeat(101) },
    })
    await expect(tool.run(input, context)).rejects.toMatchObject({ code: `tool.${code}` })
  })
})

describe('write_file', () => {
  it('gives another tree with the file in it, and leaves the first as it was', async () => {
    const context = await aContext({ workspace: { 'a.js': 'old', 'run.sh*': '#!/bin/sh' } })
    const { output, tree } = await writeFile().run({ path: './sub/new.js', text: 'grüße\n' }, context)
    expect(output).toEqual({ path: 'sub/new.js', bytes: 8, created: true })
    expect(await filesOf(context.blobs, await readTree(context.blobs, tree!))).toEqual({
      'a.js': 'old',
      'run.sh*': '#!/bin/sh',
      'sub/new.js': 'grüße\n',
    })
    expect((await readTree(context.blobs, context.tree!)).size).toBe(2)
  })

  it('keeps the mode of the file that it replaces', async () => {
    const context = await aContext({ workspace: { 'run.sh*': 'old' } })
    const { output, tree } = await writeFile().run({ path: 'run.sh', text: 'new' }, context)
    expect(output.created).toBe(false)
    expect(await filesOf(context.blobs, await readTree(context.blobs, tree!))).toEqual({ 'run.sh*': 'new' })
  })

  it('gives the same tree when it runs twice', async () => {
    const context = await aContext({ workspace })
    const input = { path: 'src/a.js', text: 'x' }
    const [first, second] = [await writeFile().run(input, context), await writeFile().run(input, context)]
    expect(second.tree).toBe(first.tree)
  })

  it.each([
    ['jail', '/etc/passwd', ''],
    ['jail', '.git/hooks/post-checkout', ''],
    ['clash', 'src/b.js/below', ''],
    ['clash', 'src', ''],
    ['forbidden', 'test/t.js', ''],
    ['too-large', 'a.js', 'x'.repeat(101)],
  ])('answers tool.%s to a write of %j', async (code, path, text) => {
    const tool = writeFile({ allow: (path) => !isTest(path), limitBytes: 100 })
    await expect(tool.run({ path, text }, await aContext({ workspace }))).rejects.toMatchObject({
      code: `tool.${code}`,
    })
  })
})

describe('every tool', () => {
  it('has schemas that a strict model endpoint takes: all fields required, each described', () => {
    const tools = [
      listFiles(),
      readFile(),
      writeFile(),
      editFile(),
      searchDocuments(),
      searchFiles(),
      runCommandTool({ commands: [] }),
    ]
    for (const tool of tools) {
      const schema = z.toJSONSchema(tool.input) as {
        properties: Record<string, { description?: string }>
        required: string[]
      }
      expect(schema.required).toEqual(Object.keys(schema.properties))
      for (const property of Object.values(schema.properties)) expect(property.description).toMatch(/\w/)
      expect(tool.idempotent).toBe(true)
    }
  })
})
