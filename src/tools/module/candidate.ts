/**
 * A candidate: a block of code that exports a name, cut down to what that one declaration needs. Other exports of the
 * block, and what only they need, are of no interest; what it would do by being loaded is refused, since it could not
 * be taken out again.
 */
import { bareOf, type Declaration, exportsOf } from '../declarations.ts'
import { ToolError } from '../tool.ts'
import { declaredNames } from './free-names.ts'
import { type ImportDeclaration, type ImportSpecifier, importSpecifiers } from './import-clause.ts'
import { needsOf, usedBy } from './needs.ts'
import { type Module, parseModule, rangeOf, type Statement, textOf, withComments } from './parse.ts'

export type Candidate = {
  readonly module: Module
  readonly declaration: Declaration
  /** Names of helpers, in their order. */
  readonly helpers: readonly string[]
  /** The helpers with their comments, unexported; empty where there are none. */
  readonly helperText: string
  readonly imports: readonly { statement: ImportDeclaration; specifier: ImportSpecifier }[]
  /** What it uses and does not bring: global, or of the module that it is made for. */
  readonly borrowed: ReadonlySet<string>
}

/** @throws ToolError `tool.syntax`, `tool.no-such-export`, `tool.not-a-declaration` */
export function readCandidate(code: string, path: string, name: string): Candidate {
  const module = parseModule(code, path, 'the code')
  const declaration = exportsOf(module).find((one) => one.name === name)
  if (declaration === undefined) {
    throw new ToolError('no-such-export', `the code does not export "${name}": declare it with "export"`)
  }
  for (const statement of module.statements) refuseEffects(statement)
  refuseShared(declaration, 'the code')

  const others = module.statements.filter((statement) => !declaration.statements.includes(statement))
  const { names, statements } = needsOf(usedBy(declaration.statements), others)
  const helpers = others.filter((one) => statements.has(one) && one.type !== 'ImportDeclaration')
  const brought = new Set([...declaration.statements, ...statements].flatMap(declaredNames))
  return {
    module,
    declaration,
    helpers: [...new Set(helpers.flatMap(declaredNames))],
    helperText: textOfHelpers(module, helpers),
    imports: importSpecifiers(module).filter(({ specifier }) => names.has(specifier.local.name)),
    borrowed: new Set([...names].filter((used) => !brought.has(used))),
  }
}

/** @throws ToolError `tool.not-a-declaration` */
export function refuseShared({ name, shared }: Declaration, called: string): void {
  if (!shared) return
  throw new ToolError(
    'not-a-declaration',
    `${called} declares "${name}" together with other names: give it a statement of its own`,
  )
}

function refuseEffects(statement: Statement): void {
  const exports = statement.type.startsWith('Export')
  if (exports || statement.type === 'EmptyStatement' || declaredNames(statement).length > 0) return
  const line = statement.loc?.start.line ?? 1
  throw new ToolError(
    'not-a-declaration',
    `line ${line} of the code does something when it is loaded: give declarations, and imports of names, only`,
  )
}

/** Lines that stood together stay together. */
function textOfHelpers(module: Module, helpers: readonly Statement[]): string {
  let end = 0
  const texts = helpers.map((helper, index) => {
    const whole = withComments(module, rangeOf(helper))
    const between = module.text.slice(end, whole.start)
    const together = between.trim() === '' && between.split('\n').length === 2
    const gap = index === 0 ? '' : together ? '\n' : '\n\n'
    end = whole.end
    const above = textOf(module, { start: whole.start, end: rangeOf(helper).start })
    return gap + above + textOf(module, { start: rangeOf(bareOf(helper)).start, end })
  })
  return texts.join('')
}
