import { describe, expect, it } from 'vitest'
import { globs } from '../../src/tools/glob.ts'

describe('globs', () => {
  it.each<[string, string[], string[]]>([
    ['*.ts', ['a.ts', 'src/a.ts', 'src/b/c.ts'], ['a.tsx', 'ts', 'src/a.js']],
    ['src/*.ts', ['src/a.ts'], ['src/b/c.ts', 'x/src/a.ts', 'src/.tsx']],
    ['src/**/*.ts', ['src/a.ts', 'src/b/c.ts', 'src/b/c/d.ts'], ['srcs/a.ts', 'a.ts']],
    ['**/test/**', ['test/a', 'a/test/b/c'], ['test', 'a/tests/b']],
    ['**/*.md', ['a.md', 'x/y.md'], ['a.mdx']],
    ['src', ['src/a', 'x/src/b', 'src'], ['srcs/a']],
    ['src/', ['src/a/b'], ['srcs/a']],
    ['./src', ['src/a'], ['x/src/a']],
    ['/src', ['src/a'], ['x/src/a']],
    ['a?c', ['abc', 'x/aüc', 'a😀c'], ['ac', 'a/c', 'abbc']],
    ['[a-c]x', ['ax', 'cx'], ['dx']],
    ['[!a-c]x', ['dx'], ['ax', 'a/x']],
    ['*.{js,ts}', ['a.js', 'b/a.ts'], ['a.jsx', 'a.{js,ts}']],
    ['{src,test}/**/*.{test,spec}.ts', ['src/a.test.ts', 'test/b/c.spec.ts'], ['lib/a.test.ts', 'src/a.ts']],
    ['{a,b{c,d}}', ['a', 'bc', 'bd'], ['b', 'c']],
    ['a(b).ts', ['a(b).ts'], ['ab.ts']],
    ['a.ts', ['a.ts'], ['abts']],
    ['**', ['a', 'a/b'], []],
    ['src/**', ['src/a', 'src/a/b'], ['a', 'srcs/a']],
    ['a**b', ['ab', 'axb', 'a/x/b'], ['a/x']],
  ])('%s names files as people expect', (glob, named, others) => {
    const isNamed = globs([glob])
    expect(named.filter((path) => !isNamed(path))).toEqual([])
    expect(others.filter(isNamed)).toEqual([])
  })

  it('names what any of them names, and nothing where there is none', () => {
    expect(['a.js', 'b.ts', 'c'].filter(globs(['*.js', '*.ts']))).toEqual(['a.js', 'b.ts'])
    expect(globs([])('a')).toBe(false)
  })

  it('answers at once however many ways a glob could be taken', () => {
    expect(globs([`${'*a'.repeat(200)}b`])('a'.repeat(900))).toBe(false)
    expect(globs([`${'**/x/'.repeat(80)}b`])('x/'.repeat(450))).toBe(false)
  })

  it.each(['', '  ', 'x'.repeat(501), '{a,b}'.repeat(7)])('refuses %j', (glob) => {
    expect(() => globs([glob])).toThrow(expect.objectContaining({ code: 'tool.glob' }))
  })
})
