/** A module of JavaScript or TypeScript: its text, its top-level statements, and the comments that belong to them. */
import { createRequire } from 'node:module'
import type * as Babel from '@babel/parser'
import { ToolError } from '../tool.ts'

const require = createRequire(import.meta.url)

export type Statement = Babel.ParseResult['program']['body'][number]
export type Expression = Extract<Statement, { type: 'ExpressionStatement' }>['expression']
export type Comment = NonNullable<Babel.ParseResult['comments']>[number]

/** From the first character to the one after the last. */
export type Range = { readonly start: number; readonly end: number }

export type Module = {
  readonly path: string
  readonly text: string
  readonly statements: readonly Statement[]
  /** All comments of the text, in its order. */
  readonly comments: readonly Comment[]
}

/** The path says the language; `called` names the text in errors. @throws ToolError `tool.syntax` */
export function parseModule(text: string, path: string, called = JSON.stringify(path)): Module {
  try {
    // Loaded at the first parse: it takes 70 ms, which no peer need pay before it is there.
    const { parse } = require('@babel/parser') as typeof Babel
    const file = parse(text, { sourceType: 'module', attachComment: false, plugins: pluginsFor(path) })
    return { path, text, statements: file.program.body, comments: file.comments ?? [] }
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new ToolError('syntax', `${called} is nested too deeply`, { cause })
    if (!isParseError(cause)) throw cause
    const { line, column } = cause.loc
    const reason = cause.message.replace(/\s*\(\d+:\d+\)$/, '')
    throw new ToolError('syntax', `${called}, line ${line}, column ${column + 1}: ${reason}`, { cause })
  }
}

function pluginsFor(path: string): Babel.ParserPlugin[] {
  if (/\.[mc]?ts$/.test(path)) return ['typescript', 'decorators-legacy']
  return path.endsWith('.tsx') ? ['typescript', 'decorators-legacy', 'jsx'] : ['jsx']
}

const isParseError = (error: unknown): error is SyntaxError & { loc: { line: number; column: number } } =>
  error instanceof SyntaxError && 'loc' in error

type Located = { start?: number | null; end?: number | null }

/** Where a node stands. The parser places every node that it makes; the type is for those that others make. */
export const rangeOf = ({ start, end }: Located): Range => ({ start: start ?? 0, end: end ?? 0 })

export const textOf = ({ text }: Module, { start, end }: Range): string => text.slice(start, end)

/** A name as exports and imports write it: bare or as a string. */
export const nameOf = (id: { name: string } | { value: string }): string =>
  'name' in id ? id.name : id.value

/** Comments right above, each on a line that it begins, with no empty line in between. */
export function commentsAbove(module: Module, { start }: Range): Comment[] {
  const above: Comment[] = []
  let at = start
  for (const comment of module.comments.toReversed()) {
    const { start: from, end: to } = rangeOf(comment)
    if (to > at) continue
    const between = module.text.slice(to, at)
    if (!/^[^\S\n]*\n?[^\S\n]*$/.test(between) || !beginsLine(module.text, from)) break
    above.unshift(comment)
    at = from
  }
  return above
}

const beginsLine = (text: string, at: number): boolean =>
  /^\s*$/.test(text.slice(text.lastIndexOf('\n', at - 1) + 1, at))

/** The range with the comment that ends its last line, if there is one. */
export function withRemark(module: Module, range: Range): Range {
  const rest = /^[^\S\n]*(?=\/[/*])/.exec(module.text.slice(range.end))
  if (rest === null) return range
  const remark = module.comments.find((comment) => comment.start === range.end + rest[0].length)
  if (remark === undefined) return range
  const { end } = rangeOf(remark)
  const endsLine = /^[^\S\n]*(?:\n|$)/.test(module.text.slice(end))
  return endsLine && !remark.value.includes('\n') ? { start: range.start, end } : range
}

/** The range with all comments that belong to it. */
export function withComments(module: Module, range: Range): Range {
  const [first] = commentsAbove(module, range)
  return { start: first ? rangeOf(first).start : range.start, end: withRemark(module, range).end }
}
