import { describe, expect, it } from 'vitest'
import { exportsName, exportsOf, isStub } from '../../src/tools/declarations.ts'
import { declaredNames, freeNames } from '../../src/tools/module/free-names.ts'
import { findModule, importsOf } from '../../src/tools/module/imports.ts'
import { parseModule, textOf } from '../../src/tools/module/parse.ts'

const exportsIn = (text: string, path = 'a.ts') => exportsOf(parseModule(text, path))

describe('a module', () => {
  it('that does not parse is told with line and column', () => {
    expect(() => parseModule('const a = 1\nconst = 2\n', 'src/a.js')).toThrow(
      expect.objectContaining({
        code: 'tool.syntax',
        message: expect.stringMatching(/^"src\/a\.js", line 2, column 7: /),
      }),
    )
  })

  it.each([
    ['a.js', 'export const A = () => <p>hello</p>'],
    ['a.jsx', 'export const A = () => <p>hello</p>'],
    ['a.tsx', 'export const A = (text: string) => <p>{text}</p>'],
    ['a.ts', 'export const a = <T>(some: T): T => <T>some'],
    ['a.mts', 'export enum A { One }\n@dec class B { constructor(private readonly a: A) {} }'],
    ['a.mjs', '#!/usr/bin/env node\nawait import("node:fs")'],
  ])('%s may be written in its own language', (path, text) => {
    expect(() => parseModule(text, path)).not.toThrow()
  })
})

describe('an exported declaration', () => {
  it.each([
    ['export function f() {}', 'f', 'inline'],
    ['export async function* f() {}', 'f', 'inline'],
    ['export const f = (a) => a', 'f', 'inline'],
    ['export const f = async function () {}', 'f', 'inline'],
    ['export class F {}', 'F', 'inline'],
    ['export const LIMIT = 5', 'LIMIT', 'inline'],
    ['export default function f() {}', 'f', 'default'],
    ['export default class F {}', 'F', 'default'],
    ['const f = () => 1\nexport default f', 'f', 'default'],
    ['export default f\nfunction f() {}', 'f', 'listed'],
    ['function f() {}\nexport { f }', 'f', 'listed'],
    ['function f() {}\nexport { f as g }', 'g', 'listed'],
    ['function f() {}\nexport { f as "a name" }', 'a name', 'listed'],
    ['function f() {}\nexport { f as default }', 'f', 'listed'],
  ])('is found in %j', (text, name, form) => {
    expect(exportsIn(text)).toMatchObject([{ name, form }])
  })

  it.each([
    'function f() {}',
    'export default function () {}',
    'export default 42',
    'export { f } from "./f.ts"',
    'export * from "./f.ts"',
    'import { f } from "./f.ts"\nexport { f }',
    'export type F = () => void',
    'export interface F {}',
  ])('is not seen in %j', (text) => {
    expect(exportsIn(text)).toEqual([])
  })

  it('says where it stands, without its comments', () => {
    const text = '// a\n\n/** Doc. */\n// note\nexport function f() {\n  return 1\n} // end\n\nconst b = 2\n'
    const module = parseModule(text, 'a.ts')
    const [f] = exportsOf(module)
    expect(f).toMatchObject({ startLine: 5, endLine: 7, doc: 'Doc.' })
    expect(textOf(module, f!.range)).toBe('export function f() {\n  return 1\n}')
  })

  it('reaches over its overloads', () => {
    const text = [
      'export function g(): void {}',
      '/** Doc. */',
      'export function f(a: 1): 1',
      'export function f(a: 2): 2',
      'export function f(a: any): any {}',
    ].join('\n')
    expect(exportsIn(text)[1]).toMatchObject({ name: 'f', startLine: 3, endLine: 5, doc: 'Doc.' })
  })

  it.each([
    ['/**\n * One.\n *\n * - two\n *   three\n */\n', 'One.\n\n- two\n  three'],
    ['/**\r\n * One.\r\n * Two.\r\n */\r\n', 'One.\nTwo.'],
    ['/** One. */ ', 'One.'],
    ['/** Of the file. */\n\n/** Of it. */\n', 'Of it.'],
    ['/** Of it. */\n// biome-ignore lint: why\n', 'Of it.'],
    ['/** Of the file. */\n\n', ''],
    ['/* One. */\n', ''],
    ['const a = 1 /** of a */\n', ''],
  ])('has of %j the doc comment %j', (above, doc) => {
    expect(exportsIn(`${above}export function f() {}`)[0]!.doc).toBe(doc)
  })

  it.each([
    ['export async function f(a, { b = 1 } = {}) { }', 'export async function f(a, { b = 1 } = {})'],
    ['export const f = (a = {}): string => {}', 'export const f = (a = {}): string =>'],
    ['export const f = a => ({ a })', 'export const f = a =>'],
    ['export class F extends G { }', 'export class F extends G'],
  ])('has of %j the signature %j', (text, signature) => {
    expect(exportsIn(text)[0]!.signature).toBe(signature)
  })
})

describe('a stub', () => {
  it.each([
    "export function f(a) { throw new Error('not implemented') }",
    "export async function f() { throw new Error('Not implemented yet: see #1') }",
    'export const f = async () => { /* later */ throw new Error(`f is not implemented`) }',
    "export const f = function () { throw new TypeError('NOT IMPLEMENTED') }",
    "export default function f() { throw new Error('not implemented') }",
    "function f() { throw new Error('not implemented') }\nexport { f }",
  ])('is %j', (text) => {
    expect(exportsIn(text).map(isStub)).toEqual([true])
  })

  it.each([
    'export function f() {}',
    "export function f(a) { if (a) throw new Error('not implemented') }",
    "export function f(a) { a(); throw new Error('not implemented') }",
    "export function f() { throw new Error('no such file') }",
    "export function f() { return new Error('not implemented') }",
    'export function f() { throw notImplemented() }',
    'export const f = 1',
    'export class F {}',
  ])('is not %j', (text) => {
    expect(exportsIn(text).map(isStub)).toEqual([false])
  })
})

describe('a block of code', () => {
  it('exports a name, or does not, or does not even parse', () => {
    expect(exportsName('export const f = (a: string) => a', 'f')).toBe(true)
    expect(exportsName('export const f = (a: string) => a', 'f', 'a.js')).toBe(false)
    expect(exportsName('const f = 1', 'f')).toBe(false)
    expect(exportsName('import numpy as np', 'f')).toBe(false)
  })
})

describe('imports', () => {
  it('are read with the modules that they mean and the names there', () => {
    const text = `
      import one, { two, three as drei } from './a.js'
      import * as all from '../b.js'
      import './effect.js'
      import { readFile } from 'node:fs'
      import type { T } from './types.ts'
      import { type U } from './types.ts'
      export { four, five as fünf } from './sub/c.js'
      export * from './d.js'
      export * as e from './e.js'`
    expect(importsOf(parseModule(text, 'src/x/here.ts'))).toEqual([
      { file: 'src/x/a.js', name: 'default', local: 'one' },
      { file: 'src/x/a.js', name: 'two', local: 'two' },
      { file: 'src/x/a.js', name: 'three', local: 'drei' },
      { file: 'src/b.js', name: '*', local: 'all' },
      { file: 'src/x/sub/c.js', name: 'four', exported: 'four' },
      { file: 'src/x/sub/c.js', name: 'five', exported: 'fünf' },
      { file: 'src/x/d.js', name: '*', exported: '*' },
      { file: 'src/x/e.js', name: '*', exported: 'e' },
    ])
  })

  it.each([
    ['a.js', 'a.js'],
    ['b.js', 'b.ts'],
    ['b', 'b.ts'],
    ['c.mjs', 'c.mts'],
    ['d', 'd/index.js'],
    ['e.js', undefined],
  ])('of %j mean the file %j', (name, file) => {
    const files = ['a.js', 'a.ts', 'b.ts', 'c.mts', 'd/index.js']
    expect(findModule(name, (path) => files.includes(path))).toBe(file)
  })
})

describe('free names', () => {
  const freeIn = (text: string, path = 'a.tsx') =>
    parseModule(text, path)
      .statements.flatMap((statement) => {
        const own = declaredNames(statement)
        return [...freeNames(statement)].filter((name) => !own.includes(name))
      })
      .sort()

  it.each<[string, string[]]>([
    ['a.b + c[d]', ['a', 'c', 'd']],
    ['({ a, b: c, [d]: 1, e() {} })', ['a', 'c', 'd']],
    ['function f(a, { b, c: [d] = e }, ...g) { return a + b + d + g + h }', ['e', 'h']],
    ['const f = function g() { return g(f) }', []],
    ['const { a, b: c = d, ...e } = f', ['d', 'f']],
    ['function f() { { let a; var b } return a + b }', ['a']],
    ['function f() { function g() { var a } return a }', ['a']],
    ['for (const a of b) c(a)', ['b', 'c']],
    ['for (let i = 0; i < n; i++) i', ['n']],
    ['try { a } catch ({ b }) { b; c }', ['a', 'c']],
    ['switch (a) { case b: let c; default: c }', ['a', 'b']],
    ['outer: for (;;) { break outer }', []],
    ['class A extends B { #c = d; e = this.#c; static { let f = g; f } }', ['B', 'd', 'g']],
    ['const a = 1, b = 2\nexport { a as c }', ['a']],
    ['export { a as b } from "c"', []],
    ['export default a', ['a']],
    ['import a, { b as c } from "d"', []],
    ['<A.b c={d} {...e}>text</A.b>', ['A', 'd', 'e']],
    ['<div><B /></div>', ['B']],
    ['function f<T extends U>(a: T): a is V { }', ['U', 'V']],
    ['type F<T> = (a: T, ...b: W[]) => { c: T; d(e: X): Y }', ['W', 'X', 'Y']],
    ['const a = b as C.D satisfies E<F>', ['C', 'E', 'F', 'b']],
    ['enum A { B = c, D }', ['c']],
    ['a ?? tag`b` ?? (await c)?.d', ['a', 'c', 'tag']],
  ])('of %j are %j', (text, names) => {
    expect(freeIn(text)).toEqual(names)
  })
})
