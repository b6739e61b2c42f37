/**
 * What a module exports that it declares itself: functions, classes and other values, each with where it stands and
 * what its doc comment says. It owns no types, no re-exports and no exports without a name.
 */
import {
  type Comment,
  commentsAbove,
  type Expression,
  type Module,
  nameOf,
  parseModule,
  type Range,
  rangeOf,
  type Statement,
  textOf,
} from './module/parse.ts'
import { ToolError } from './tool.ts'

type FunctionDeclaration = Extract<Statement, { type: 'FunctionDeclaration' }>
type ClassDeclaration = Extract<Statement, { type: 'ClassDeclaration' }>

/** What a name stands for; undefined where it is declared without a value. */
type Value = FunctionDeclaration | ClassDeclaration | Expression | undefined

export type Declaration = {
  /** As it is exported; a default export has the name of what it exports. */
  readonly name: string
  /** As the module itself calls it. */
  readonly local: string
  /**
   * `inline`: `export` stands before it; `default`: `export default` before it, or in the statement after it, for what
   * cannot have that before it; `listed`: it is exported elsewhere in the module.
   */
  readonly form: 'inline' | 'default' | 'listed'
  /** From its first statement to its last, without comments. */
  readonly range: Range
  /** Its statements without `export`: one, or in TypeScript also the overloads before it. */
  readonly parts: readonly Range[]
  /** Those statements, and the one after them that exports it. */
  readonly statements: readonly Statement[]
  /** Whether its statement declares other names as well. */
  readonly shared: boolean
  readonly value: Value
  /** Counted from 1. */
  readonly startLine: number
  readonly endLine: number
  /** The doc comment without its stars; empty where there is none. */
  readonly doc: string
  /** The text up to the body. */
  readonly signature: string
}

/** The exported declarations of a module, in its order. */
export function exportsOf(module: Module): Declaration[] {
  const listed = exportLists(module)
  return module.statements.flatMap((_, index) =>
    localsOf(module, index).flatMap((declared) => {
      if (declared.form !== 'listed') return [{ ...declared, name: declared.local }]
      const names = listed.filter(({ local }) => local === declared.local).map(({ name }) => name)
      return [...new Set(names)].map((name) => ({ ...declared, name }))
    }),
  )
}

/** @throws ToolError `tool.no-such-declaration` */
export function declarationOfName(module: Module, name: string): Declaration {
  const exported = exportsOf(module)
  const found = exported.find((declaration) => declaration.name === name)
  if (found !== undefined) return found
  const names = exported.map((declaration) => declaration.name).join(', ') || 'nothing'
  throw new ToolError(
    'no-such-declaration',
    `${JSON.stringify(module.path)} declares no export "${name}": it exports ${names}`,
  )
}

/** Whether a piece of code, out of a document say, parses in the language of that path and exports the name. */
export function exportsName(code: string, name: string, path = 'code.ts'): boolean {
  try {
    return exportsOf(parseModule(code, path)).some((declaration) => declaration.name === name)
  } catch (error) {
    if (error instanceof ToolError) return false
    throw error
  }
}

/** Whether it is a function that does nothing but throw `new Error('not implemented')`. */
export function isStub({ value }: Declaration): boolean {
  if (value === undefined || !('body' in value) || value.body.type !== 'BlockStatement') return false
  const [statement, ...more] = value.body.body
  if (statement?.type !== 'ThrowStatement' || more.length > 0) return false
  if (statement.argument.type !== 'NewExpression') return false
  const [message] = statement.argument.arguments
  if (message?.type === 'StringLiteral') return NOT_IMPLEMENTED.test(message.value)
  return (
    message?.type === 'TemplateLiteral' && message.quasis.some(({ value }) => NOT_IMPLEMENTED.test(value.raw))
  )
}

const NOT_IMPLEMENTED = /not implemented/i

type Local = Omit<Declaration, 'name'>

function localsOf(module: Module, index: number): Local[] {
  const statement = module.statements[index]!
  const bare = bareOf(statement)
  return valuesOf(bare).map(([local, value]) => {
    const shared = bare.type === 'VariableDeclaration' && bare.declarations.length > 1
    const form = formOf(statement)
    const before = overloadsBefore(module, local, index)
    const after = form === 'listed' && !shared ? exportAfter(module, local, index) : []
    const statements = [...before, statement, ...after]
    const range = { start: rangeOf(statements[0]!).start, end: rangeOf(statements.at(-1)!).end }
    return {
      local,
      form: after.length > 0 ? 'default' : form,
      range,
      parts: [...before, statement].map((part) => rangeOf(bareOf(part))),
      statements,
      shared,
      value,
      startLine: statements[0]!.loc?.start.line ?? 0,
      endLine: statements.at(-1)!.loc?.end.line ?? 0,
      doc: docOf(commentsAbove(module, range)),
      signature: signatureOf(module, range, value),
    }
  })
}

/** The statement without `export`. */
export function bareOf(statement: Statement): Statement {
  if (statement.type === 'ExportNamedDeclaration') return statement.declaration ?? statement
  if (statement.type !== 'ExportDefaultDeclaration') return statement
  const { type } = statement.declaration
  const declares =
    type === 'FunctionDeclaration' || type === 'ClassDeclaration' || type === 'TSDeclareFunction'
  return declares ? (statement.declaration as Statement) : statement
}

function formOf({ type }: Statement): Declaration['form'] {
  if (type === 'ExportDefaultDeclaration') return 'default'
  return type === 'ExportNamedDeclaration' ? 'inline' : 'listed'
}

function valuesOf(bare: Statement): [local: string, value: Value][] {
  if (bare.type === 'FunctionDeclaration' || bare.type === 'ClassDeclaration') {
    return bare.id ? [[bare.id.name, bare]] : []
  }
  if (bare.type !== 'VariableDeclaration') return []
  return bare.declarations.flatMap(({ id, init }) =>
    id.type === 'Identifier' ? [[id.name, init ?? undefined] as [string, Value]] : [],
  )
}

function overloadsBefore(module: Module, local: string, index: number): Statement[] {
  const before = module.statements.slice(0, index)
  const first = before.findLastIndex((statement) => {
    const bare = bareOf(statement)
    return bare.type !== 'TSDeclareFunction' || bare.id?.name !== local
  })
  return before.slice(first + 1)
}

/** `export default f` in the line after `f`: the way to export a constant by default. */
function exportAfter(module: Module, local: string, index: number): Statement[] {
  const next = module.statements[index + 1]
  if (next?.type !== 'ExportDefaultDeclaration') return []
  if (next.declaration.type !== 'Identifier' || next.declaration.name !== local) return []
  const between = module.text.slice(rangeOf(module.statements[index]!).end, rangeOf(next).start)
  return /^[^\S\n]*\n[^\S\n]*$/.test(between) ? [next] : []
}

/** What `export { f as g }` and `export default f` say. */
function exportLists({ statements }: Module): { local: string; name: string }[] {
  return statements.flatMap((statement) => {
    if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement
      return declaration.type === 'Identifier' ? [{ local: declaration.name, name: declaration.name }] : []
    }
    if (statement.type !== 'ExportNamedDeclaration' || statement.source) return []
    return statement.specifiers.flatMap((specifier) => {
      if (specifier.type !== 'ExportSpecifier') return []
      const name = nameOf(specifier.exported)
      return [{ local: specifier.local.name, name: name === 'default' ? specifier.local.name : name }]
    })
  })
}

function docOf(comments: readonly Comment[]): string {
  const doc = comments.findLast(isDoc)
  if (doc === undefined) return ''
  const lines = doc.value.slice(1).split(/\r?\n/)
  return lines
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

export const isDoc = ({ type, value }: Comment): boolean => type === 'CommentBlock' && value.startsWith('*')

function signatureOf(module: Module, { start, end }: Range, value: Value): string {
  const body = value && 'body' in value ? (value.body as Expression) : value
  const header = textOf(module, { start, end: body ? rangeOf(body).start : end })
  return header.replace(/[\s(]+$/, '')
}
