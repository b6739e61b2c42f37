import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replaceIn } from '../../src/tools/edit/change.ts'
import { type EditFileOptions, editFile } from '../../src/tools/edit-file.ts'
import { readTree } from '../../src/tools/tree.ts'
import { aContext, type Files, filesOf } from './workspace.ts'

type Edit = Parameters<ReturnType<typeof editFile>['run']>[0]['edits'][number]

const NOTHING = { old: null, new: null, all: null, to: null }
const replace = (path: string, old: string, text: string, more: Partial<Edit> = {}): Edit => ({
  ...NOTHING,
  ...{ action: 'replace', path, old, new: text },
  ...more,
})
const create = (path: string, text: string): Edit => ({ ...NOTHING, action: 'create', path, new: text })
const remove = (path: string): Edit => ({ ...NOTHING, action: 'delete', path })
const rename = (path: string, to: string): Edit => ({ ...NOTHING, action: 'rename', path, to })

async function edited(workspace: Files, edits: Edit[], options: EditFileOptions = {}) {
  const context = await aContext({ workspace })
  const { output, tree } = await editFile(options).run({ edits }, context)
  return { files: await filesOf(context.blobs, await readTree(context.blobs, tree!)), edits: output.edits }
}

const CODE = `function one() {
  return 1
}

function two() {
  const x = 2
  return x
}
`

describe('edit_file', () => {
  it('puts new text in the place of old text, and says which lines that were', async () => {
    const { files, edits } = await edited({ 'a.js': CODE, b: '' }, [
      replace('a.js', '  const x = 2\n  return x\n', '  return 2\n'),
    ])
    expect(files).toEqual({ 'a.js': CODE.replace('  const x = 2\n  return x\n', '  return 2\n'), b: '' })
    expect(edits).toEqual([{ path: 'a.js', done: 'replaced lines 6 to 7', match: 'exact' }])
  })

  it('takes text to the letter: no character of it means anything else', async () => {
    const { files } = await edited({ a: 'a.b $& c\n' }, [replace('a', '.b $&', "$1$'\\n$$")])
    expect(files).toEqual({ a: "a$1$'\\n$$ c\n" })
  })

  // It is one thread that renews leases as well: with a look at the whole file for each place it takes minutes.
  it('edits a large file of one line at its very many places', async () => {
    const line = 'var e=1,n=e+e;'
    const { files, edits } = await edited({ a: line.repeat(60_000) }, [replace('a', 'e', 'f', { all: true })])
    expect(files).toEqual({ a: line.replaceAll('e', 'f').repeat(60_000) })
    expect(edits[0]?.done).toBe('replaced line 1 and 179999 other places')
  })

  it('makes edits one after the other, each on what those before it left', async () => {
    const { files } = await edited({ a: 'one\n' }, [replace('a', 'one', 'two'), replace('a', 'two', 'three')])
    expect(files).toEqual({ a: 'three\n' })
  })

  it('creates, deletes and renames files, and keeps their modes', async () => {
    const { files, edits } = await edited({ 'run.sh*': 'x\n', old: '1', 'd/e': '2' }, [
      create('new/file', 'text\n'),
      remove('old'),
      replace('run.sh', 'x', 'y'),
      rename('run.sh', 'bin/run'),
      rename('d/e', 'd.txt'),
      create('d', 'a file where a folder was'),
    ])
    expect(files).toEqual({
      'bin/run*': 'y\n',
      d: 'a file where a folder was',
      'd.txt': '2',
      'new/file': 'text\n',
    })
    expect(edits.map(({ done }) => done)).toEqual([
      ...['created', 'deleted', 'replaced line 1', 'renamed from "run.sh"', 'renamed from "d/e"', 'created'],
    ])
  })

  it('replaces all places where that is asked for', async () => {
    const { files, edits } = await edited({ a: 'x\ny\nx\nx\n' }, [replace('a', 'x', 'zz', { all: true })])
    expect(files).toEqual({ a: 'zz\ny\nzz\nzz\n' })
    expect(edits[0]!.done).toBe('replaced line 1 and 2 other places')
  })

  it.each<[string, string, string, string, string]>([
    ['spaces at line ends', 'a  \nb\t\nc\n', 'a\nb', 'A\nB', 'A\nB\nc\n'],
    ['empty lines around it', 'a\nb\n', '\n\na\n', '\nA\n', 'A\nb\n'],
    [
      'a block without its indentation',
      '{\n    if (x)\n\n      y\n}\n',
      'if (x)\n\n  y',
      'if (z)\n\n  y',
      '{\n    if (z)\n\n      y\n}\n',
    ],
    [
      'a block with too much',
      'if (x)\n  y\n',
      '    if (x)\n      y\n',
      '    if (x)\n      z\n',
      'if (x)\n  z\n',
    ],
    ['a tab for spaces', '\tx = 1\n', '    x = 1', '    x = 2', '\tx = 2\n'],
    ['spaces within a line', 'f( a,  b )\n', 'f( a, b )', 'g()', 'g()\n'],
    ['lines that go', 'a\n  b\nc\n', '    b\n', '', 'a\nc\n'],
  ])('allows for %s, and says so', async (_, before, old, text, after) => {
    const { files, edits } = await edited({ f: before }, [replace('f', old, text)])
    expect(files.f).toBe(after)
    expect(edits[0]!.match).toBe('whitespace')
  })

  it('reads and writes the line ends that a file has', async () => {
    const { files, edits } = await edited({ f: 'a\r\nb\r\nc\r\n' }, [replace('f', 'a\nb\n', 'x\ny\nz\n')])
    expect(files.f).toBe('x\r\ny\r\nz\r\nc\r\n')
    expect(edits[0]!.match).toBe('exact')
  })

  it('changes nothing where one edit cannot be made, and names each of those', async () => {
    const context = await aContext({ workspace: { a: 'x\n', b: 'x\nx\n' } })
    const edits = [replace('a', 'x', 'y'), replace('a', 'gone', 'z'), replace('b', 'x', 'y'), remove('c')]
    const failing = editFile().run({ edits }, context)
    await expect(failing).rejects.toMatchObject({ code: 'tool.conflict' })
    const { message } = (await failing.catch((error: unknown) => error)) as Error
    expect(message).toContain('nothing was changed. The other 1 could be made: give all of them again.')
    expect(message).toContain('edit 2 of 4, replace "a": "a": "old" does not stand in the file')
    expect(message).toContain('edit 3 of 4, replace "b": "b": "old" stands in the file 2 times')
    expect(message).toContain('edit 4 of 4, delete "c": there is no "c"')
    expect(await filesOf(context.blobs, await readTree(context.blobs, context.tree!))).toEqual({
      a: 'x\n',
      b: 'x\nx\n',
    })
  })

  it.each<[string, Edit]>([
    ['jail', replace('../a', 'x', 'y')],
    ['jail', rename('a', '/etc/passwd')],
    ['forbidden', replace('test/t', 'x', 'y')],
    ['forbidden', rename('a', 'test/u')],
    ['forbidden', rename('test/t', 'u')],
    ['forbidden', remove('test/t')],
    ['no-file', replace('nope', 'x', 'y')],
    ['no-file', rename('nope', 'z')],
    ['not-text', replace('bin', 'x', 'y')],
    ['exists', create('a', '')],
    ['exists', rename('a', 'bin')],
    ['clash', create('a/b', '')],
    ['clash', rename('bin', 'a/b')],
    ['too-large', replace('a', 'x', 'y'.repeat(101))],
    ['input', { ...NOTHING, action: 'replace', path: 'a', old: 'x' }],
    ['input', { ...NOTHING, action: 'create', path: 'z' }],
    ['input', { ...NOTHING, action: 'rename', path: 'a' }],
  ])('answers tool.%s to %j', async (code, edit) => {
    const workspace = { a: 'x\n', bin: 'x\0', 'test/t': 'x\n' }
    const options = { allow: (path: string) => !path.startsWith('test/'), limitBytes: 100 }
    await expect(edited(workspace, [edit], options)).rejects.toMatchObject({ code: `tool.${code}` })
  })

  it('leaves what a failed rename would have moved where it was, for the edits after it', async () => {
    const failing = edited({ a: 'x\n', b: '' }, [rename('a', 'b/c'), replace('a', 'x', 'y'), remove('nope')])
    await expect(failing).rejects.toThrow(/^nothing was changed. The other 1 could be made/)
  })

  it('gives the same tree when it runs twice', async () => {
    const context = await aContext({ workspace: { a: 'x\n' } })
    const edits = [replace('a', 'x', 'y'), create('b', 'z')]
    const [first, second] = [
      await editFile().run({ edits }, context),
      await editFile().run({ edits }, context),
    ]
    expect(second.tree).toBe(first.tree)
  })
})

describe('a conflict', () => {
  const told = (text: string, old: string, replacement = 'new') => {
    const change = replaceIn(text, { old, new: replacement, all: false })
    return 'conflict' in change ? change.conflict : 'none'
  }

  it('shows what stands there now beside what was expected, with line numbers', () => {
    expect(told(CODE, 'function two() {\n  const x = 3\n  return x\n}')).toMatchInlineSnapshot(`
      ""old" does not stand in the file.
      Like it are lines 5 to 8, where 1 of 4 differ (≠ as it stands, ? as "old" has it):
        5 | function two() {
        6 ≠   const x = 2
          ?   const x = 3
        7 |   return x
        8 | }"
    `)
  })

  it('names all the places where there are several', () => {
    expect(told('if (a) {\n  x()\n}\nif (b) {\n  x()\n}\n', 'x()')).toMatchInlineSnapshot(`
      ""old" stands in the file 2 times. Give more lines around the one that is meant, or "all": true for all of them:
        line 2: x()
        line 5: x()"
    `)
  })

  it('names no more places than anybody reads', () => {
    expect(told('x\n'.repeat(50), 'x')).toContain('and 40 more')
  })

  it('says so where the edit was made before', () => {
    expect(told('a\nnew\n', 'old')).toContain('"new" stands there already, at line 2')
  })

  it('says so where line numbers were copied as well', () => {
    expect(told('a\nb\n', '1: a\n2: b')).toContain('has line numbers in it')
  })

  it('says so where nothing is like it', () => {
    expect(told('a\nb\n', 'something else altogether')).toContain('Nothing in it looks like it')
  })

  it('never takes lines whose indentation differs in itself for the same', () => {
    expect(told('if x:\n  y\nz\n', 'if x:\n  y\n  z')).toContain('1 of 3 differ')
  })

  it('refuses an empty text, and one that changes nothing', () => {
    expect(told('a\n', ' \n')).toContain('"old" is empty')
    expect(told('a\n', 'a', 'a')).toContain('are the same')
  })

  it('is found in a large file as well', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`)
    const old = [...lines.slice(9_990, 10_010), 'other'].join('\n')
    expect(told(`${lines.join('\n')}\n`, old)).toContain('lines 9991 to 10011, where 1 of 21 differ')
  })
})

it('puts any text in the place of any other that stands in the file once', () => {
  const words = fc.stringMatching(/^[ab \n]{0,12}$/)
  fc.assert(
    fc.property(words, fc.stringMatching(/^[ab]c[ab\n]{0,5}$/), words, words, (before, old, after, text) => {
      const change = replaceIn(before + old + after, { old, new: text, all: false })
      expect(change).toMatchObject({ text: before + text + after, match: 'exact' })
    }),
  )
})
