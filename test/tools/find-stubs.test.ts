import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importDirectory } from '../../src/tools/directory.ts'
import { findStubs } from '../../src/tools/find-stubs.ts'
import { writeTree } from '../../src/tools/tree.ts'
import { aContext, type Files } from './workspace.ts'

const stub = (name: string) => `export function ${name}() { throw new Error('not implemented') }\n`

async function found(workspace: Files) {
  const { output } = await findStubs().run({}, await aContext({ workspace }))
  return output
}

/** What each stub depends on, by name. */
async function dependencies(workspace: Files): Promise<Record<string, string[]>> {
  const { stubs } = await found(workspace)
  return Object.fromEntries(stubs.map(({ name, dependsOn }) => [name, dependsOn.map((other) => other.name)]))
}

async function inDirectory(path: string) {
  const context = await aContext()
  const { tree } = await importDirectory(context.blobs, fileURLToPath(new URL(path, import.meta.url)))
  const { output } = await findStubs().run({}, { ...context, tree: await writeTree(context.blobs, tree) })
  return output
}

describe('find_stubs', () => {
  it('finds what is to be written, with doc, signature and lines', async () => {
    const text = `/**\n * Twice.\n */\nexport const twice = (a) => {\n  throw new Error('not implemented')\n}\n`
    expect(await found({ 'src/a.js': text })).toEqual({
      stubs: [
        {
          file: 'src/a.js',
          name: 'twice',
          doc: 'Twice.',
          signature: 'export const twice = (a) =>',
          startLine: 4,
          endLine: 6,
          dependsOn: [],
        },
      ],
      unreadable: [],
    })
  })

  it('looks through sources and not through tests', async () => {
    const files = ['a.js', 'b.mjs', 'c.jsx', 'd.ts', 'e.mts', 'f.tsx', 'src/testing/g.js', 'contest.js']
    const others = [
      'a.test.js',
      'b.spec.ts',
      'test/c.js',
      'x/tests/d.js',
      '__tests__/e/f.js',
      'g.md',
      'h.cjs',
    ]
    const { stubs, unreadable } = await found(
      Object.fromEntries([...files, ...others].map((file) => [file, stub('f')])),
    )
    expect(stubs.map(({ file }) => file)).toEqual(files.toSorted())
    expect(unreadable).toEqual([])
  })

  it('names the files that it cannot read, and goes on', async () => {
    const { stubs, unreadable } = await found({ 'a.js': 'export {', 'b.js': stub('f'), 'c.js': 'x\0' })
    expect(stubs).toHaveLength(1)
    expect(unreadable).toEqual([
      { file: 'a.js', error: expect.stringMatching(/^"a\.js", line 1, column 9: /) },
      { file: 'c.js', error: '"c.js" is not a text file' },
    ])
  })

  it('does not look at what is hidden', async () => {
    const tool = findStubs({ hide: (path) => path === 'a.js' })
    const { output } = await tool.run({}, await aContext({ workspace: { 'a.js': stub('a') } }))
    expect(output).toEqual({ stubs: [], unreadable: [] })
  })

  it.each([
    ['by name', { 'a.js': `import { b } from './b.js'\n`, 'b.js': stub('b') + stub('c') }, ['b']],
    ['by all names', { 'a.js': `import * as b from './b.js'\n`, 'b.js': stub('b') + stub('c') }, ['b', 'c']],
    [
      'by default',
      { 'a.js': `import c from './b.js'\n`, 'b.js': `export default ${stub('b').slice(7)}` },
      ['b'],
    ],
    [
      'through what uses it',
      {
        'a.js': `import { c } from './b.js'\n`,
        'b.js': `${stub('b')}export const c = () => d()\nconst d = () => b()`,
      },
      ['b'],
    ],
    [
      'through a module in between',
      {
        'a.js': `import { c } from './c.js'\n`,
        'b.js': stub('b'),
        'c.js': `import { b as d } from './b.js'\nexport const c = () => d()`,
      },
      ['b'],
    ],
    [
      'through the one name of a barrel',
      {
        'a.js': `import { x } from './index.js'\n`,
        'b.js': stub('b') + stub('c'),
        'index.js': `export { b as x, c } from './b.js'`,
      },
      ['b'],
    ],
    [
      'through barrels of everything',
      {
        'a.js': `import { b } from '.'\n`,
        'b.js': stub('b') + stub('c'),
        'index.js': `export * from './index.js'\nexport * from './b.js'`,
      },
      ['b'],
    ],
    [
      'through an import that is exported',
      {
        'a.js': `import { x } from './c.js'\n`,
        'b.js': stub('b'),
        'c.js': `import { b } from './b.js'\nexport { b as x }`,
      },
      ['b'],
    ],
    [
      'through the imports of another stub',
      {
        'a.js': `import { c } from './c.js'\n`,
        'b.js': stub('b'),
        'c.js': `import { b } from './b.js'\n${stub('c')}`,
      },
      ['b', 'c'],
    ],
  ])('lets a stub depend on another %s', async (_, files, names) => {
    expect((await dependencies({ ...files, 'a.js': files['a.js'] + stub('a') })).a).toEqual(names)
  })

  it('lets no stub depend on a type, on a package, or on its own file', async () => {
    const a = `import type { b } from './b.ts'\nimport { c } from 'c'\nimport { d } from './d.ts'\n${stub('a')}${stub('x')}`
    const d = `import { x } from './a.ts'\nexport const d = () => x()`
    expect(await dependencies({ 'a.ts': a, 'b.ts': stub('b'), 'c.ts': stub('c'), 'd.ts': d })).toEqual({
      a: [],
      b: [],
      c: [],
      x: [],
    })
  })

  it('breaks a cycle where it comes back to the first', async () => {
    const module = (name: string, next: string) => `import { ${next} } from './${next}.js'\n${stub(name)}`
    const files = { 'a.js': module('a', 'b'), 'b.js': module('b', 'c'), 'c.js': module('c', 'a') }
    expect(await dependencies(files)).toEqual({ a: ['b', 'c'], b: ['c'], c: [] })
  })

  it('never gives a circle, and the same whatever the order of the files', async () => {
    const edge = fc.tuple(fc.nat(5), fc.nat(5))
    await fc.assert(
      fc.asyncProperty(fc.array(edge, { maxLength: 15 }), async (edges) => {
        const files = Array.from({ length: 6 }, (_, index) => {
          const imports = new Set(edges.filter(([from]) => from === index).map(([, to]) => to))
          const lines = [...imports].map((to) => `import { f${to} as g${to} } from './${to}.js'\n`)
          return [`${index}.js`, lines.join('') + stub(`f${index}`)] as const
        })
        const graph = await dependencies(Object.fromEntries(files))
        const done = new Set<string>()
        for (const _ of files) {
          for (const [name, others] of Object.entries(graph)) {
            if (others.every((other) => done.has(other))) done.add(name)
          }
        }
        expect(done.size).toBe(files.length)
        expect(await dependencies(Object.fromEntries(files.toReversed()))).toEqual(graph)
      }),
      { numRuns: 50 },
    )
  })

  it('knows the order of a real workspace', async () => {
    const { stubs, unreadable } = await inDirectory('../fixtures/workspaces/shipping/')
    expect(unreadable).toEqual([])
    expect(stubs.map(({ name, dependsOn }) => [name, dependsOn.map((other) => other.name)])).toEqual([
      ['addDays', []],
      ['addWorkdays', ['addDays']],
      ['cheapestQuote', []],
      ['promiseDate', ['addDays', 'addWorkdays']],
      ['mergeSlots', []],
      ['freeSlots', []],
    ])
  })

  it('finds the five of the example', async () => {
    const { stubs } = await inDirectory('../../examples/workspaces/textkit/')
    expect(stubs.map(({ name, dependsOn }) => [name, dependsOn.map((other) => other.name)])).toEqual([
      ['parseCsv', []],
      ['wordFrequencies', ['words']],
      ['slugify', []],
      ['words', []],
      ['wrap', []],
    ])
  })
})
