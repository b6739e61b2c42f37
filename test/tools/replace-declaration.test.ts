import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportsName, exportsOf, isStub } from '../../src/tools/declarations.ts'
import { sectionsOf } from '../../src/tools/document.ts'
import { parseModule } from '../../src/tools/module/parse.ts'
import { replaceDeclaration } from '../../src/tools/module/replacement.ts'
import { replaceDeclarationTool } from '../../src/tools/replace-declaration.ts'
import { readTree } from '../../src/tools/tree.ts'
import { aContext, filesOf } from './workspace.ts'

/** Lines with their ends. */
const lines = (...texts: string[]) => texts.map((text) => `${text}\n`).join('')

const replace = (text: string, name: string, code: string, path = 'a.ts') =>
  replaceDeclaration(text, path, name, code).text

/** A module with something before and after a function `f`. */
const MODULE = lines(
  '/** Of the file. */',
  '',
  "import { a } from './a.js'",
  '',
  '/** Keeps. */',
  'export function before() {',
  '  return   a',
  '}',
  '',
  '/**',
  ' * Is kept.',
  ' */',
  'export function f(text) {',
  "  throw new Error('not implemented')",
  '}',
  '',
  'export const after = [1,2,   3]',
)
const withF = (...declaration: string[]) =>
  MODULE.replace(/export function f[\s\S]*?\n}\n/, () => lines(...declaration))

describe('a declaration', () => {
  it('is replaced, and nothing around it is touched', () => {
    expect(replace(MODULE, 'f', 'export function f(text) {\n  return text\n}\n')).toBe(
      withF('export function f(text) {', '  return text', '}'),
    )
  })

  it.each([
    'export const f = (text) => text',
    'export async function f() {}',
    'export const f = async function* () {}',
    'export class f {}',
  ])('may become %j', (code) => {
    expect(replace(MODULE, 'f', code)).toBe(withF(code))
  })

  it.each([
    'function f() {}\nexport { f }',
    'export { f }\nfunction f() {}',
    'function f() {}\nexport default f',
    'export default function f() {}',
  ])('is taken from code that exports it as %j', (code) => {
    expect(replace(MODULE, 'f', code)).toBe(withF('export function f() {}'))
  })

  it('stays where another statement exports it', () => {
    const text = 'function f() {}\nfunction g() {}\n\nexport { f as h, g }\n'
    const code = 'const f = () => 1\nexport { f as h }'
    expect(replace(text, 'h', code)).toBe('const f = () => 1\nfunction g() {}\n\nexport { f as h, g }\n')
    expect(() => replace(text, 'h', 'export const h = () => 1')).toThrow(/must call "h" itself "f"/)
  })

  it('stays a default export, whatever it becomes', () => {
    const text = '/** Doc. */\nexport default function f() {}\n\nf()\n'
    const constant = replace(text, 'f', 'export const f = () => 1;')
    expect(constant).toBe('/** Doc. */\nconst f = () => 1;\nexport default f;\n\nf()\n')
    expect(replace(constant, 'f', 'export class f {}')).toBe(
      '/** Doc. */\nexport default class f {}\n\nf()\n',
    )
    expect(replace(constant, 'f', 'export const f = 1')).toBe(
      '/** Doc. */\nconst f = 1\nexport default f\n\nf()\n',
    )
  })

  it('goes with its overloads, and comes with those of the code', () => {
    const [one, two, both] = ['function f(a: 1): 1', 'function f(a: 2): 2', 'function f(a: any) { return a }']
    const code = [one, two, both].map((part) => `export ${part}`).join('\n')
    const replaced = replace(MODULE, 'f', code)
    expect(replaced).toBe(withF(code))
    expect(replace(replaced, 'f', 'export const f = 1')).toBe(withF('export const f = 1'))
  })

  it('keeps its doc comment, and gets that of the code where it has none', () => {
    const code = '/** New. */\nexport function f() {}'
    expect(replace(MODULE, 'f', code)).toBe(withF('export function f() {}'))
    expect(replace('// note\nexport const f = 1\n', 'f', code)).toBe(
      '// note\n/** New. */\nexport function f() {}\n',
    )
  })

  it('goes with the remark at its end', () => {
    const text = 'export const f = 1 // one\nexport const g = 2 // two\n'
    expect(replace(text, 'f', 'export const f = 3')).toBe('export const f = 3\nexport const g = 2 // two\n')
    expect(replace(text, 'f', 'export const f = 3 // three\n')).toBe(
      'export const f = 3 // three\nexport const g = 2 // two\n',
    )
  })

  it('keeps the line ends of the file', () => {
    const windows = (text: string) => text.replaceAll('\n', '\r\n')
    const code = "import b from 'b'\nconst H = `\n`\nexport function f() {\n  return H + b\n}\n"
    const replaced = replace(windows(MODULE), 'f', code)
    expect(replaced).toBe(windows(replace(MODULE, 'f', code)))
    expect(replace(MODULE, 'f', windows(code))).toBe(replace(MODULE, 'f', code))
  })

  it('works in a file that is nothing else', () => {
    expect(replace('export const f = 1', 'f', 'const A = 1\nexport const f = A')).toBe(
      'const A = 1\n\nexport const f = A',
    )
    expect(replace('\uFEFFexport const f = 1', 'f', 'const A = 1\nexport const f = A')).toBe(
      '\uFEFFconst A = 1\n\nexport const f = A',
    )
  })
})

describe('helpers', () => {
  it('go before the doc comment, those that are needed, as they stood', () => {
    const code = lines(
      '// letters',
      'const A = 1 // a',
      "const B = '\"'",
      '',
      'const unused = () => B',
      'type T = typeof A',
      'export const f = () => g(A)',
      '',
      '/** A helper. */',
      'export function g(a: T) { return B }',
    )
    const { text, helpers } = replaceDeclaration(MODULE, 'a.ts', 'f', code)
    expect(helpers).toEqual(['A', 'B', 'T', 'g'])
    const inserted = lines(
      '// letters',
      'const A = 1 // a',
      "const B = '\"'",
      '',
      'type T = typeof A',
      '',
      '/** A helper. */',
      'function g(a: T) { return B }',
      '',
    )
    expect(text).toBe(
      withF('export const f = () => g(A)').replace('/**\n * Is kept.', (doc) => inserted + doc),
    )
  })

  it('that only the old declaration used go with it, wherever they are', () => {
    const text = lines(
      'const ONE = 1 // one',
      'const TWO = 2',
      '',
      '/** Doc. */',
      'export const f = () => third(ONE, TWO)',
      '',
      '// for f',
      'function third() {',
      '  return THREE',
      '}',
      '',
      'const THREE = 3',
      '',
      'export const g = (ONE) => ONE + TWO',
    )
    expect(replace(text, 'f', 'export const f = () => 1')).toBe(
      lines(
        'const TWO = 2',
        '',
        '/** Doc. */',
        'export const f = () => 1',
        '',
        'export const g = (ONE) => ONE + TWO',
      ),
    )
  })

  it.each([
    ['exported', 'export const A = 1\nexport const f = A\n'],
    ['exported below', 'const A = 1\nexport const f = A\nexport { A }\n'],
    ['used by a statement', 'const A = new Map()\nA.set(1, 2)\nexport const f = A\n'],
    ['used by a type', 'const A = 1\ntype B = typeof A\nexport const f = A\n'],
    ['not used by it either', 'const A = 1\nexport const f = 2\n'],
  ])('stay where they are %s', (_, text) => {
    expect(replace(text, 'f', 'export const f = 0')).toBe(text.replace(/const f = .*/, 'const f = 0'))
  })

  it('stay where the new declaration uses them as well', () => {
    const text = 'const A = 1\n\nexport const f = A\n'
    expect(replace(text, 'f', 'export const f = A + 1')).toBe('const A = 1\n\nexport const f = A + 1\n')
  })

  it('may be called like what goes', () => {
    const text = 'const A = 1\n\nexport const f = A\n'
    expect(replace(text, 'f', 'const A = 2\nexport const f = A')).toBe('const A = 2\n\nexport const f = A\n')
  })

  it.each([
    ['a declaration', 'const H = 1\nexport const f = 1\nexport const g = H\n'],
    ['an export', 'export const H = 1\nexport const f = 1\n'],
    ['an import', "import { H } from './h.js'\nexport const f = 1\n"],
    ['a global that the file uses', 'export const f = 1\nexport const g = () => H()\n'],
  ])('may not be called like %s', (_, text) => {
    expect(() => replace(text, 'f', 'const H = 2\nexport const f = H')).toThrow(
      expect.objectContaining({ code: 'tool.clash', message: expect.stringContaining('"H"') }),
    )
  })

  it('may be called like a local of another function', () => {
    const text = 'export const f = 1\n\nexport function g() {\n  const H = 1\n  return H\n}\n'
    expect(() => replace(text, 'f', 'const H = 2\nexport const f = H')).not.toThrow()
  })
})

describe('imports', () => {
  const file = (...imports: string[]) => lines(...imports, '', '/** Doc. */', 'export const f = 1')

  it.each<[string, string[], string[], string[]]>([
    [
      'into those of the same module',
      ["import { a } from 'm'"],
      ["import { b, c as d } from 'm'"],
      ["import { a, b, c as d } from 'm'"],
    ],
    [
      'below the others',
      ["import { a } from './m.js' // a"],
      ["import b, { c } from 'n'", "import * as d from './m.js';"],
      ["import { a } from './m.js' // a", "import b, { c } from 'n'", "import * as d from './m.js';"],
    ],
    [
      'only once',
      ["import { b } from './m.js'", "import * as d from './n.js'"],
      ["import { b } from './m.js'", "import * as d from './n.js'"],
      ["import { b } from './m.js'", "import * as d from './n.js'"],
    ],
    [
      'without what is not used',
      ["import './m.js'"],
      ["import { b, x } from 'm'", "import y from 'y'"],
      ["import './m.js'", "import { b } from 'm'"],
    ],
    [
      'apart from types',
      ["import type { A } from './m.js'"],
      ["import { b } from './m.js'"],
      ["import type { A } from './m.js'", "import { b } from './m.js'"],
    ],
    [
      'with attributes',
      ["import a from './m.json' with { type: 'json' }"],
      ["import b from './n.json' with { type: 'json' }"],
      ["import a from './m.json' with { type: 'json' }", "import b from './n.json' with { type: 'json' }"],
    ],
  ])('are added %s', (_, before, imports, after) => {
    const text = file(...before)
    const code = lines(...imports, 'export const f = [b, typeof c, typeof d]')
    const own = `${text}\nexport const g = () => a\n`
    expect(replace(own, 'f', code)).toBe(
      `${file(...after)}\nexport const g = () => a\n`.replace(
        'const f = 1',
        'const f = [b, typeof c, typeof d]',
      ),
    )
  })

  it('go on top of a file that has none, below what heads it', () => {
    const text = lines(
      '#!/usr/bin/env node',
      "'use strict'",
      '',
      '// Head.',
      '',
      '/** Doc. */',
      'export const f = 1',
    )
    expect(replace(text, 'f', "import b from 'b'\nconst H = b\nexport const f = H")).toBe(
      text.replace('/** Doc', "import b from 'b'\n\nconst H = b\n\n/** Doc").replace('f = 1', 'f = H'),
    )
  })

  it('of packages go with the only one that used them', () => {
    const text = lines(
      "import a, { b, c } from 'm'",
      "import { d, e, g, h } from 'n'",
      "import * as i from 'o'",
      "import j, * as k from 'p'",
      '',
      'export const f = [a, d, g, h, i, k]',
      'export const x = [b, c, e, j]',
    )
    expect(replace(text, 'f', 'export const f = 1')).toBe(
      lines(
        "import { b, c } from 'm'",
        "import { e } from 'n'",
        "import j from 'p'",
        '',
        'export const f = 1',
        'export const x = [b, c, e, j]',
      ),
    )
  })

  it('of the modules of the workspace stay for the next one', () => {
    const text = "import { words } from './words.js'\n\nexport const f = words\n"
    const without = replace(text, 'f', 'export const f = 1')
    expect(without).toBe("import { words } from './words.js'\n\nexport const f = 1\n")
    expect(replace(without, 'f', 'export const f = words')).toBe(text)
  })

  it('may not take the name of something else', () => {
    const text = "import { b } from './b.js'\nexport const f = 1\n"
    expect(() => replace(text, 'f', "import { b } from 'b'\nexport const f = b")).toThrow(
      expect.objectContaining({ code: 'tool.clash' }),
    )
  })
})

describe('code', () => {
  it.each([
    ['syntax', 'export const = 1'],
    ['syntax', 'export const f = 1 as number'],
    ['no-such-export', 'const f = 1'],
    ['no-such-export', 'export const g = 1'],
    ['no-such-export', "export { f } from './f.js'"],
    ['no-such-export', 'export default () => 1'],
    ['not-a-declaration', 'export const f = 1, g = 2'],
    ['not-a-declaration', 'const cache = new Map()\ncache.set(1, 2)\nexport const f = () => cache'],
    ['not-a-declaration', "import './effect.js'\nexport const f = 1"],
  ])('is refused as tool.%s where it is %j', (code, text) => {
    expect(() => replace(MODULE, 'f', text, 'a.js')).toThrow(
      expect.objectContaining({ code: `tool.${code}` }),
    )
  })

  it.each([
    ['syntax', 'export const = 1'],
    ['no-such-declaration', 'const f = 1'],
    ['no-such-declaration', "export { f } from './f.js'"],
    ['not-a-declaration', 'export const f = 1, g = 2'],
  ])('does not fit, tool.%s, where the file is %j', (code, text) => {
    expect(() => replace(text, 'f', 'export const f = 1')).toThrow(
      expect.objectContaining({ code: `tool.${code}` }),
    )
  })

  it('is refused where the file would read on into the next line', () => {
    const text = 'export function f() {}\n(() => 1)()\n'
    expect(() => replace(text, 'f', 'export const f = g')).toThrow(
      expect.objectContaining({ code: 'tool.syntax' }),
    )
    expect(replace(text, 'f', 'export const f = g;')).toBe('export const f = g;\n(() => 1)()\n')
  })
})

describe('one candidate after another', () => {
  const IMPORTS = { d: "d from 'm'", e: "{ e } from 'm'", g: "{ g, type T } from 'n'", h: "* as h from 'o'" }
  const candidate = fc
    .record({
      imported: fc.subarray(['d', 'e', 'g', 'h'] as const),
      helpers: fc.subarray(['A', 'B', 'C']),
      gap: fc.constantFrom('\n', '\n\n'),
      doc: fc.constantFrom('', '/** Of the candidate. */\n'),
      declared: fc.constantFrom(
        (uses: string) => `export async function f() { return [${uses}] }`,
        (uses: string) => `export const f = () => [${uses}] // arrow`,
        (uses: string) => `export { f }\nconst f = () => [${uses}];`,
        (uses: string) => `export default class f { all = [${uses}] }`,
      ),
    })
    .map(({ imported, helpers, gap, doc, declared }) =>
      [
        ...imported.map((name) => `import ${IMPORTS[name]}`),
        helpers.map((name, index) => `const ${name} = ${index}`).join(gap),
        doc + declared([...imported, ...helpers, 'own', 'a'].join(', ')),
      ].join('\n'),
    )

  const module = fc
    .record({
      head: fc.constantFrom('', '// Head.\n\n', '// Head.\n', "'use strict'\n"),
      imports: fc.subarray([
        "import { d as x } from 'm'",
        "import './effect.js'",
        "import { y } from 'n'",
        "import { a } from './a.js'",
      ]),
      gap: fc.constantFrom('\n', '\n\n', '\n\n\n'),
      own: fc.constantFrom('const own = 1', 'const own = 1\nconst only = own'),
      declared: fc.constantFrom(
        'export function f() { return x }',
        'export const f = () => { throw new Error("not implemented") } // stub',
        'export default function f() { return [only] }',
        'const f = () => y\nexport default f',
        'function f() { return A }\nexport { f }',
      ),
      rest: fc.constantFrom('\nuse(own)', '\n\nexport const z = () => [own, f]\n', '\nconst q = own\n'),
      eol: fc.constantFrom('\n', '\r\n'),
    })
    .map(({ head, imports, gap, own, declared, rest, eol }) => {
      const parts = [...(imports.length > 0 ? [imports.join('\n')] : []), own, `/** Doc. */\n${declared}`]
      return (head + parts.join(gap) + rest).replaceAll('\n', eol)
    })

  it('leaves the same text as the last alone', () => {
    fc.assert(
      fc.property(module, candidate, candidate, (text, one, other) => {
        const once = replace(text, 'f', one)
        expect(replace(replace(text, 'f', other), 'f', one)).toBe(once)
        expect(replace(replace(once, 'f', other), 'f', one)).toBe(once)
        expect(replace(once, 'f', one)).toBe(once)
      }),
      { numRuns: 200 },
    )
  })

  const root = new URL('../../', import.meta.url)
  const filesIn = (folder: string, ending: string) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(ending))
      .map((name) => [name, readFileSync(new URL(folder + name, root), 'utf8')] as const)

  it.each([
    'examples/workspaces/textkit/',
    'test/fixtures/workspaces/shipping/',
    'test/fixtures/workspaces/hopeless/',
  ])('works with all code that the documents of %s have', (workspace) => {
    const blocks = filesIn(`${workspace}docs/`, '.md').flatMap(([, text]) =>
      sectionsOf(text).flatMap(({ code }) => code.map((one) => one.text)),
    )
    let tried = 0
    for (const [file, text] of filesIn(`${workspace}src/`, '.js')) {
      for (const { name } of exportsOf(parseModule(text, file)).filter(isStub)) {
        const candidates = blocks.filter((code) => exportsName(code, name, file))
        for (const one of candidates) {
          const once = replace(text, name, one, file)
          expect(
            exportsOf(parseModule(once, file))
              .filter(isStub)
              .map((other) => other.name),
          ).not.toContain(name)
          for (const other of candidates) {
            tried++
            expect(replace(replace(text, name, other, file), name, one, file)).toBe(once)
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(0)
  })
})

describe('replace_declaration', () => {
  const workspace = {
    'a.js*': MODULE,
    'b.js': 'export const b = 1\n',
    'logo.js': 'x\0',
    'c.js': 'module.exports = {}',
  }
  const run = async (input: { file: string; name: string; code: string }) => {
    const context = await aContext({ workspace })
    const tool = replaceDeclarationTool({ allow: (path) => path !== 'b.js' })
    const { output, tree } = await tool.run(input, context)
    return { output, files: await filesOf(context.blobs, await readTree(context.blobs, tree!)) }
  }

  it('gives another tree with the file changed, its mode kept, and says what came along', async () => {
    const code =
      "import { b } from './b.js'\nimport { c } from './c.js'\nconst H = b + c\nexport const f = () => H"
    const { output, files } = await run({ file: './a.js', name: 'f', code })
    expect(output).toEqual({ file: 'a.js', name: 'f', replaced: true, helpers: ['H'] })
    expect(files).toEqual({ ...workspace, 'a.js*': replace(MODULE, 'f', code) })
  })

  it.each([
    ['jail', { file: '../a.js', name: 'f', code: '' }],
    ['no-file', { file: 'x.js', name: 'f', code: '' }],
    ['not-text', { file: 'logo.js', name: 'f', code: '' }],
    ['forbidden', { file: 'b.js', name: 'b', code: 'export const b = 2' }],
    ['no-such-declaration', { file: 'a.js', name: 'x', code: 'export const x = 1' }],
    ['no-such-export', { file: 'a.js', name: 'f', code: 'export const x = 1' }],
    ['no-module', { file: 'a.js', name: 'f', code: "import { x } from './x.js'\nexport const f = x" }],
    ['no-module', { file: 'a.js', name: 'f', code: "import { x } from './b.js'\nexport const f = x" }],
  ])('answers tool.%s to %j', async (code, input) => {
    await expect(run(input)).rejects.toMatchObject({ code: `tool.${code}` })
  })
})
