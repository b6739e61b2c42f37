/**
 * Putting a candidate in the place of a declaration.
 *
 * D1. What the declaration does not need stays as it is, to the character.
 * D2. Nothing of a candidate is left when another takes its place: first all goes that only the old declaration used,
 *     then the new one is put into what remains. So the text does not depend on what was tried before.
 *
 * D2 has one exception. Imports of the workspace's own modules stay, though nothing uses them for now: a stub's module
 * often has them for the code that is yet to come. And it holds for candidates that bring what they need: what one
 * uses without bringing it stays where it is, until one comes that does not use it.
 */
import { type Declaration, declarationOfName, isDoc } from '../declarations.ts'
import { ToolError } from '../tool.ts'
import { type Candidate, readCandidate, refuseShared } from './candidate.ts'
import { applyEdits, type Edit, insertBefore, removals } from './edit.ts'
import { declaredNames } from './free-names.ts'
import { addImports, importRemovals, importSpecifiers, isSameImport } from './import-clause.ts'
import { isRelative } from './imports.ts'
import { needsOf, usedBy } from './needs.ts'
import {
  commentsAbove,
  type Module,
  parseModule,
  rangeOf,
  type Statement,
  textOf,
  withComments,
  withRemark,
} from './parse.ts'

export type Replacement = {
  readonly text: string
  /** Names of what came with the declaration. */
  readonly helpers: readonly string[]
}

/**
 * The doc comment that is there stays; the candidate's own is taken where there is none.
 * @throws ToolError `tool.syntax`, `tool.no-such-declaration`, `tool.no-such-export`, `tool.not-a-declaration`,
 * `tool.clash`
 */
export function replaceDeclaration(text: string, path: string, name: string, code: string): Replacement {
  const before = parseModule(text, path)
  const old = declarationOfName(before, name)
  refuseShared(old, JSON.stringify(path))
  const candidate = readCandidate(code, path, name)
  if (candidate.declaration.local !== old.local) {
    throw new ToolError(
      'no-such-export',
      `the code must call "${name}" itself "${old.local}", as ${path} does`,
    )
  }
  const cleared = parseModule(applyEdits(text, leftovers(before, old, candidate)), path)
  const next = applyEdits(cleared.text, insertions(cleared, declarationOfName(cleared, name), candidate))
  check(next, path, candidate)
  return { text: next, helpers: candidate.helpers }
}

/** Takes out what nothing but the declaration uses. */
function leftovers(module: Module, old: Declaration, { borrowed }: Candidate): Edit[] {
  const others = module.statements.filter((statement) => !old.statements.includes(statement))
  const own = needsOf(usedBy(old.statements), others.filter(isPrivate))
  const rest = others.filter((statement) => !own.statements.has(statement))
  const alive = needsOf([...usedBy(rest), ...borrowed], [...own.statements])
  const dead = [...own.statements].filter((statement) => !alive.statements.has(statement))
  const imports = importSpecifiers(module).filter(
    ({ statement, specifier: { local } }) =>
      !isRelative(statement.source.value) && own.names.has(local.name) && !alive.names.has(local.name),
  )
  const { whole, partly } = importRemovals(module, new Set(imports.map(({ specifier }) => specifier)))
  const pieces = dead.map((statement) => withComments(module, rangeOf(statement)))
  return [...removals(module.text, [...whole, ...pieces]), ...partly]
}

const isPrivate = (statement: Statement): boolean =>
  !/^(Import|Export)/.test(statement.type) && declaredNames(statement).length > 0

function insertions(module: Module, old: Declaration, candidate: Candidate): Edit[] {
  const present = importSpecifiers(module)
  const imports = candidate.imports.filter((one) => !present.some((other) => isSameImport(one, other)))
  refuseClashes(module, old, [...candidate.helpers, ...imports.map(({ specifier }) => specifier.local.name)])

  const comments = commentsAbove(module, old.range)
  const start = comments[0] ? rangeOf(comments[0]).start : old.range.start
  const doc = comments.some(isDoc) ? '' : docText(candidate)
  return [
    ...addImports(module, candidate.module, imports),
    ...(candidate.helperText === '' ? [] : [insertBefore(module.text, start, candidate.helperText)]),
    { ...withRemark(module, old.range), text: doc + declarationText(candidate, old.form) },
  ]
}

/** @throws ToolError `tool.clash` also for a name that the module only uses: a global would change its meaning */
function refuseClashes({ path, statements }: Module, old: Declaration, names: readonly string[]): void {
  const rest = statements.filter((statement) => !old.statements.includes(statement))
  const taken = new Set([...rest.flatMap(declaredNames), ...usedBy(rest)])
  const clash = names.find((name) => taken.has(name))
  if (clash === undefined) return
  throw new ToolError(
    'clash',
    `"${clash}" is something else in ${JSON.stringify(path)} already: call it otherwise in the code`,
  )
}

/** The candidate's own doc comment, with its line end. */
function docText({ module, declaration }: Candidate): string {
  const doc = commentsAbove(module, declaration.range).findLast(isDoc)
  return doc === undefined ? '' : `${textOf(module, rangeOf(doc))}\n`
}

function declarationText({ module, declaration }: Candidate, form: Declaration['form']): string {
  const { local, value } = declaration
  const parts = declaration.parts.map((part) => textOf(module, part))
  if (form === 'default' && value?.type !== 'FunctionDeclaration' && value?.type !== 'ClassDeclaration') {
    const end = parts.at(-1)!.endsWith(';') ? ';' : ''
    return `${parts.join('\n')}\nexport default ${local}${end}`
  }
  const last = declaration.parts.at(-1)!
  const remark = textOf(module, { start: last.end, end: withRemark(module, last).end })
  return parts.map((part) => EXPORTS[form] + part).join('\n') + remark
}

const EXPORTS = { inline: 'export ', default: 'export default ', listed: '' } as const

/** The parser has the last word: without semicolons, the next line may read as part of the declaration. */
function check(text: string, path: string, { module, declaration }: Candidate): void {
  const called = `${JSON.stringify(path)} with the code in it`
  const after = parseModule(text, path, called)
  const end = (of: Module, { parts }: Declaration) => textOf(of, parts.at(-1)!).replaceAll('\r\n', '\n')
  if (end(after, declarationOfName(after, declaration.name)) === end(module, declaration)) return
  throw new ToolError('syntax', `${called} reads differently: end the declaration with ";"`)
}
