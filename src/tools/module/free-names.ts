/**
 * The names that a piece of syntax takes from around it: used in it and bound nowhere in it. Types count like values.
 * The tree is walked by its shape, not by a list of all node types, so that syntax not known here is only looked
 * through, and at worst yields a name too many.
 */
type Syntax = Readonly<Record<string, unknown>> & { readonly type: string }

export function freeNames(syntax: object): Set<string> {
  const free = new Set<string>()
  if (isSyntax(syntax)) collect(syntax, new Set(), free)
  return free
}

/** The names that a statement adds to the scope it stands in. */
export function declaredNames(statement: object | null | undefined): string[] {
  if (!isSyntax(statement)) return []
  switch (statement.type) {
    case 'VariableDeclaration':
      return childrenOf(statement, 'declarations').flatMap(({ id }) => patternNames(id))
    case 'ImportDeclaration':
      return childrenOf(statement, 'specifiers').flatMap(({ local }) => patternNames(local))
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return declaredNames(statement.declaration as object | null)
    default:
      return /Declaration$|^TSDeclareFunction$/.test(statement.type) ? patternNames(statement.id) : []
  }
}

function collect(node: Syntax, outer: ReadonlySet<string>, free: Set<string>): void {
  if (node.type === 'Identifier' || node.type === 'JSXIdentifier') {
    const name = String(node.name)
    if (!outer.has(name)) free.add(name)
  }
  const bound = boundBy(node)
  const names = bound.length === 0 ? outer : new Set([...outer, ...bound])
  for (const child of childrenOf(node, ...usedParts(node))) collect(child, names, free)
}

/** The names that a node binds for what lies in it. */
function boundBy(node: Syntax): string[] {
  const types = [...childrenOf(node.typeParameters, 'params'), ...childrenOf(node, 'typeParameter')]
  const bound = types.flatMap(({ type, name }) => (type === 'TSTypeParameter' ? [String(name)] : []))
  // Functions, and in TypeScript also the types and the declarations of functions.
  const parameters = childrenOf(node, 'params', 'parameters')
  if (parameters.length > 0 || isFunction(node)) {
    bound.push('arguments', ...parameters.flatMap(patternNames), ...hoistedNames(node.body))
  }
  if (/Expression$/.test(node.type)) bound.push(...patternNames(node.id))
  switch (node.type) {
    case 'BlockStatement':
    case 'StaticBlock':
    case 'TSModuleBlock':
      return [...bound, ...childrenOf(node, 'body').flatMap(declaredNames)]
    case 'SwitchStatement': {
      const statements = childrenOf(node, 'cases').flatMap((one) => childrenOf(one, 'consequent'))
      return [...bound, ...statements.flatMap(declaredNames)]
    }
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
      return [...bound, ...childrenOf(node, 'init', 'left').flatMap(declaredNames)]
    case 'CatchClause':
      return [...bound, ...patternNames(node.param)]
    default:
      return bound
  }
}

const isFunction = ({ type }: Syntax): boolean => /Function|^(Object|Class|ClassPrivate)Method$/.test(type)

/** `var` binds for the whole function, from however deep a block. */
function hoistedNames(node: unknown): string[] {
  if (!isSyntax(node) || isFunction(node)) return []
  const own = node.type === 'VariableDeclaration' && node.kind === 'var' ? declaredNames(node) : []
  return [...own, ...childrenOf(node, ...Object.keys(node)).flatMap(hoistedNames)]
}

function patternNames(pattern: unknown): string[] {
  if (!isSyntax(pattern)) return []
  switch (pattern.type) {
    case 'Identifier':
      return [String(pattern.name)]
    case 'ObjectPattern':
      return childrenOf(pattern, 'properties').flatMap((property) =>
        patternNames(property.type === 'ObjectProperty' ? property.value : property),
      )
    case 'ArrayPattern':
      return childrenOf(pattern, 'elements').flatMap(patternNames)
    case 'AssignmentPattern':
      return patternNames(pattern.left)
    case 'RestElement':
      return patternNames(pattern.argument)
    case 'TSParameterProperty':
      return patternNames(pattern.parameter)
    default:
      return []
  }
}

/** Parts of a node that hold a name which is no use of anything in scope. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  BreakStatement: ['label'],
  ContinueStatement: ['label'],
  ExportSpecifier: ['exported'],
  ImportAttribute: ['key'],
  ImportDefaultSpecifier: ['local'],
  ImportNamespaceSpecifier: ['local'],
  ImportSpecifier: ['imported', 'local'],
  JSXAttribute: ['name'],
  JSXMemberExpression: ['property'],
  LabeledStatement: ['label'],
  MetaProperty: ['meta', 'property'],
  PrivateName: ['id'],
  TSEnumMember: ['id'],
  TSImportType: ['qualifier'],
  TSNamedTupleMember: ['label'],
  TSQualifiedName: ['right'],
}

/** The same, unless it stands in brackets: `a.key`, `{ key: a }`, but not `a[key]`. */
const KEYS = ['key', 'property']

function usedParts(node: Syntax): string[] {
  // <div> is no name in scope, <Chart> is.
  if (/^JSX(Opening|Closing)Element$/.test(node.type) && isSyntax(node.name)) {
    const { type, name } = node.name
    if (type === 'JSXIdentifier' && /^[a-z]/.test(String(name))) return ['attributes']
  }
  // An export from another module uses nothing of this one.
  if (node.type === 'ExportNamedDeclaration' && node.source) return []
  const labels = LABELS[node.type] ?? (node.computed === true ? [] : KEYS)
  return Object.keys(node).filter((part) => !labels.includes(part))
}

const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

const childrenOf = (node: unknown, ...parts: readonly string[]): Syntax[] =>
  isSyntax(node) ? parts.flatMap((part) => node[part]).filter(isSyntax) : []
