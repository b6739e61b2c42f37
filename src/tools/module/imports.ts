/** What a module takes from other modules, and where those are in a tree. */
import { posix } from 'node:path'
import { declaredNames } from './free-names.ts'
import { importedName } from './import-clause.ts'
import { type Module, nameOf } from './parse.ts'

export type LocalImport = {
  /** The module that is named, as a path from the root: there may be no file of that very name. */
  readonly file: string
  /** As it is called there: `default`, and `*` for all of it. */
  readonly name: string
  /** As it is called here; undefined where it is not used here but exported again. */
  readonly local?: string
  /** As it is exported again: `*` for all of it under the names that it has. */
  readonly exported?: string
}

/** What it takes from modules named by a relative path, at run time: types do not count. */
export function importsOf({ path, statements }: Module): LocalImport[] {
  const fileOf = (specifier: string) => posix.join(posix.dirname(path), specifier)
  return statements.flatMap((statement): LocalImport[] => {
    if (!('source' in statement) || !statement.source || !isRelative(statement.source.value)) return []
    const file = fileOf(statement.source.value)
    switch (statement.type) {
      case 'ExportAllDeclaration':
        return statement.exportKind === 'type' ? [] : [{ file, name: '*', exported: '*' }]
      case 'ExportNamedDeclaration':
        if (statement.exportKind === 'type') return []
        return statement.specifiers.flatMap((specifier) => {
          const exported = nameOf(specifier.exported)
          if (specifier.type !== 'ExportSpecifier') return [{ file, name: '*', exported }]
          return specifier.exportKind === 'type' ? [] : [{ file, name: nameOf(specifier.local), exported }]
        })
      case 'ImportDeclaration':
        if (statement.importKind === 'type') return []
        return statement.specifiers.flatMap((specifier) => {
          if (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type') return []
          return [{ file, name: importedName(specifier), local: specifier.local.name }]
        })
    }
    return []
  })
}

export const isRelative = (specifier: string): boolean => /^\.\.?(\/|$)/.test(specifier)

/** The names that others can import from it, with `*` where it passes on all of another's. */
export function exportedNames({ statements }: Module): Set<string> {
  const names = statements.flatMap((statement) => {
    if (statement.type === 'ExportAllDeclaration') return ['*']
    if (statement.type === 'ExportDefaultDeclaration') return ['default']
    if (statement.type !== 'ExportNamedDeclaration') return []
    return [
      ...declaredNames(statement),
      ...statement.specifiers.map((specifier) => nameOf(specifier.exported)),
    ]
  })
  return new Set(names)
}

/** What may stand for what: TypeScript names the file that it compiles to, and others leave endings out. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.jsx'],
  '.mjs': ['.mts'],
  '.jsx': ['.tsx'],
}
const LEFT_OUT = ['.js', '.ts', '.mjs', '.mts', '.jsx', '.tsx']

/** The file among those there are that an import means, or undefined. */
export function findModule(file: string, exists: (path: string) => boolean): string | undefined {
  const ending = posix.extname(file)
  const stem = file.slice(0, file.length - ending.length)
  const candidates = [
    file,
    ...(ENDINGS[ending] ?? []).map((other) => stem + other),
    ...LEFT_OUT.map((left) => file + left),
    ...LEFT_OUT.map((left) => posix.join(file, `index${left}`)),
  ]
  return candidates.find(exists)
}
