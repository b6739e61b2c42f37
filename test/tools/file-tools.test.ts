import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { editFile } from '../../src/tools/edit-file.ts'
import { fetchUrl } from '../../src/tools/fetch-url.ts'
import { type ListFilesOptions, listFiles } from '../../src/tools/list-files.ts'
import { readFile } from '../../src/tools/read-file.ts'
import { runCommandTool } from '../../src/tools/run-command.ts'
import { searchDocuments } from '../../src/tools/search-documents.ts'
import { searchFiles } from '../../src/tools/search-files.ts'
import { readTree } from '../../src/tools/tree.ts'
import { writeFile } from '../../src/tools/write-file.ts'
import { aContext, type Files, filesOf } from './workspace.ts'

const workspace = {
  'package.json': '{}\n',
  'src/b.js': 'one\ntwo\nthree\n',
  'src/a.js': '',
  'srcs/c.js': '',
  'test/t.js': '',
}
const isTest = (path: string) => path.startsWith('test/')

describe('list_files', () => {
  type Asked = Parameters<ReturnType<typeof listFiles>['run']>[0]
  async function list(asked: Partial<Asked>, options: ListFilesOptions = {}, files: Files = workspace) {
    const context = await aContext({ workspace: files })
    const all = { folder: null, glob: null, depth: null }
    return (await listFiles(options).run({ ...all, ...asked }, context)).output
  }
  const all = { folder: null, glob: null, depth: null }

  it('names all files, sorted', async () => {
    expect(await list({})).toEqual({
      files: ['package.json', 'src/a.js', 'src/b.js', 'srcs/c.js', 'test/t.js'],
      more: 0,
    })
  })

  it.each(['src', './src/', 'src/'])('names those below a folder, written %j', async (folder) => {
    expect((await list({ folder })).files).toEqual(['src/a.js', 'src/b.js'])
  })

  it.each(['', '.', '/'])('takes %j for the root', async (folder) => {
    expect((await list({ folder })).files).toHaveLength(5)
  })

  it('says how many it does not name, and where they are, and never names what is hidden', async () => {
    expect(await list({}, { hide: isTest, limit: 3 })).toEqual({
      files: ['package.json', 'src/a.js', 'src/b.js'],
      folders: [{ path: 'srcs/', files: 1 }],
      more: 1,
    })
  })

  it('names those that a glob names', async () => {
    expect(await list({ glob: '[bc].js' })).toEqual({ files: ['src/b.js', 'srcs/c.js'], more: 0 })
    expect(await list({ folder: 'src', glob: '*.js', depth: 1 })).toEqual({
      files: ['src/a.js', 'src/b.js'],
      more: 0,
    })
  })

  it('goes as deep as it is asked, and counts what lies deeper', async () => {
    const files = { a: '', 'p/b': '', 'p/q/c': '', 'p/q/r/d': '', 's/e': '' }
    expect(await list({ depth: 1 }, {}, files)).toEqual({
      files: ['a'],
      folders: [
        { path: 'p/', files: 3 },
        { path: 's/', files: 1 },
      ],
      more: 4,
    })
    expect(await list({ folder: 'p', depth: 2 }, {}, files)).toEqual({
      files: ['p/b', 'p/q/c'],
      folders: [{ path: 'p/q/r/', files: 1 }],
      more: 1,
    })
  })

  it('names documents where it is made for them', async () => {
    const tool = listFiles({ of: 'documents' })
    const context = await aContext({ workspace, documents: { 'guide.md': '' } })
    expect(tool.name).toBe('list_documents')
    expect((await tool.run(all, context)).output.files).toEqual(['guide.md'])
  })

  it('says so in a run that has none', async () => {
    const context = await aContext()
    await expect(listFiles().run(all, context)).rejects.toMatchObject({ code: 'tool.no-workspace' })
    const documents = listFiles({ of: 'documents' }).run(all, context)
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

  it('stops at the last whole line within its limit, and says how to go on', async () => {
    const tool = readFile({ limitChars: 9 })
    const { output } = await tool.run({ path: 'src/b.js', ...whole }, await aContext({ workspace }))
    expect(output).toEqual({
      ...{ path: 'src/b.js', text: 'one\ntwo\n', from: 1, to: 2, lines: 3 },
      more: 'lines 1 to 2 of 3: ask for the next with "from": 3',
    })
  })

  it.each<[string, string | Uint8Array]>([
    ['a PNG image of 9 bytes', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])],
    ['a ZIP archive of 2,000 bytes', `PK\x03\x04${'\0'.repeat(1_996)}`],
    ['text in UTF-16 of 4 bytes', Uint8Array.from([0xff, 0xfe, 0x61, 0])],
    ['text in an older encoding than UTF-8, perhaps, of 4 bytes', Uint8Array.from([0x67, 0x72, 0xfc, 0x6e])],
    ['binary data of 2 bytes', 'a\0'],
  ])('says what a file is that is no text: %s', async (what, content) => {
    const context = await aContext({ workspace: { f: content } })
    await expect(readFile().run({ path: 'f', ...whole }, context)).rejects.toThrow(
      `"f" is not a text file: it is ${what}`,
    )
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
      fetchUrl({ allow: ['example.org'] }),
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
