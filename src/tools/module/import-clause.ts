/** The imports of a module by their specifiers: taking some out, and putting in those of another module. */
import { type Edit, insertAfter, insertBefore } from './edit.ts'
import {
  type Module,
  nameOf,
  type Range,
  rangeOf,
  type Statement,
  textOf,
  withComments,
  withRemark,
} from './parse.ts'

export type ImportDeclaration = Extract<Statement, { type: 'ImportDeclaration' }>
export type ImportSpecifier = ImportDeclaration['specifiers'][number]
export type Imported = { readonly statement: ImportDeclaration; readonly specifier: ImportSpecifier }

export const importStatements = ({ statements }: Module): ImportDeclaration[] =>
  statements.filter((statement) => statement.type === 'ImportDeclaration')

export const importSpecifiers = (module: Module): Imported[] =>
  importStatements(module).flatMap((statement) =>
    statement.specifiers.map((specifier) => ({ statement, specifier })),
  )

/** As the other module calls it: `default`, and `*` for all of it. */
export function importedName(specifier: ImportSpecifier): string {
  if (specifier.type === 'ImportSpecifier') return nameOf(specifier.imported)
  return specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*'
}

export const isTypeImport = ({ statement, specifier }: Imported): boolean =>
  statement.importKind === 'type' || (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type')

/** Whether both give the same thing the same name. */
export const isSameImport = (a: Imported, b: Imported): boolean =>
  a.statement.source.value === b.statement.source.value &&
  importedName(a.specifier) === importedName(b.specifier) &&
  a.specifier.local.name === b.specifier.local.name &&
  isTypeImport(a) === isTypeImport(b)

/** How to take specifiers out: whole statements, and parts of others. */
export function importRemovals(
  module: Module,
  specifiers: ReadonlySet<ImportSpecifier>,
): { whole: Range[]; partly: Edit[] } {
  const whole = importStatements(module).filter(
    (statement) =>
      statement.specifiers.length > 0 && statement.specifiers.every((one) => specifiers.has(one)),
  )
  const ranges = whole.map((statement) => withRemark(module, rangeOf(statement)))
  const partly = importStatements(module)
    .filter(
      (statement) => !whole.includes(statement) && statement.specifiers.some((one) => specifiers.has(one)),
    )
    .flatMap((statement) => removeSome(module, statement, specifiers))
  return { whole: ranges, partly }
}

function removeSome(
  module: Module,
  statement: ImportDeclaration,
  specifiers: ReadonlySet<ImportSpecifier>,
): Edit[] {
  const kept = statement.specifiers.filter((one) => !specifiers.has(one))
  const named = statement.specifiers.filter(isNamed)
  if (statement.specifiers.length > named.length || !kept.some(isNamed)) {
    const { start } = rangeOf(statement)
    return [{ start, end: rangeOf(statement.source).start, text: `${headOf(module, statement, kept)} from ` }]
  }
  const firstKept = named.findIndex((one) => !specifiers.has(one))
  return named.flatMap((one, index) => {
    if (!specifiers.has(one)) return []
    const { start, end } = rangeOf(one)
    return index < firstKept
      ? [{ start, end: rangeOf(named[index + 1]!).start, text: '' }]
      : [{ start: rangeOf(named[index - 1]!).end, end, text: '' }]
  })
}

/** Puts in imports of another module: into a statement that imports from there, else below the last, or on top. */
export function addImports(module: Module, from: Module, imports: readonly Imported[]): Edit[] {
  const edits: Edit[] = []
  const alone = new Map<ImportDeclaration, ImportSpecifier[]>()
  for (const { statement, specifier } of imports) {
    const last = importStatements(module)
      .filter((present) => isNamed(specifier) && canMerge(present, statement))
      .flatMap(({ specifiers }) => specifiers.filter(isNamed).slice(-1))[0]
    if (last === undefined) alone.set(statement, [...(alone.get(statement) ?? []), specifier])
    else {
      const { end } = rangeOf(last)
      edits.push({ start: end, end, text: `, ${textOf(from, rangeOf(specifier))}` })
    }
  }
  if (alone.size === 0) return edits
  const lines = [...alone].map(([statement, specifiers]) => {
    const rest = { start: rangeOf(statement.source).start, end: rangeOf(statement).end }
    return `${headOf(from, statement, specifiers)} from ${textOf(from, rest)}`
  })
  return [...edits, placed(module, lines.join('\n'))]
}

function placed(module: Module, text: string): Edit {
  const last = importStatements(module).at(-1)
  if (last !== undefined) return insertAfter(withRemark(module, rangeOf(last)).end, text)
  return insertBefore(module.text, withComments(module, rangeOf(module.statements[0]!)).start, text)
}

const canMerge = (present: ImportDeclaration, statement: ImportDeclaration): boolean =>
  present.source.value === statement.source.value &&
  (present.importKind ?? 'value') === (statement.importKind ?? 'value') &&
  !present.attributes?.length &&
  !statement.attributes?.length

const isNamed = ({ type }: ImportSpecifier): boolean => type === 'ImportSpecifier'

function headOf(module: Module, { importKind }: ImportDeclaration, specifiers: readonly ImportSpecifier[]) {
  const named = specifiers.filter(isNamed).map((one) => textOf(module, rangeOf(one)))
  const clauses = specifiers.filter((one) => !isNamed(one)).map((one) => textOf(module, rangeOf(one)))
  if (named.length > 0) clauses.push(`{ ${named.join(', ')} }`)
  return `import ${importKind === 'type' ? 'type ' : ''}${clauses.join(', ')}`
}
