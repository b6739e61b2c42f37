/** What names need: the statements that declare them, with what those need in their turn. */
import { declaredNames, freeNames } from './free-names.ts'
import type { Statement } from './parse.ts'

export type Needs = {
  /** The names that were asked for, and all that the statements use. */
  readonly names: ReadonlySet<string>
  readonly statements: ReadonlySet<Statement>
}

export function needsOf(names: Iterable<string>, statements: readonly Statement[]): Needs {
  const needed = new Set(names)
  const found = new Set<Statement>()
  // A set grows while it is walked.
  for (const name of needed) {
    for (const statement of statements) {
      if (found.has(statement) || !declaredNames(statement).includes(name)) continue
      found.add(statement)
      for (const used of freeNames(statement)) needed.add(used)
    }
  }
  return { names: needed, statements: found }
}

export const usedBy = (statements: readonly Statement[]): Set<string> =>
  new Set(statements.flatMap((statement) => [...freeNames(statement)]))
