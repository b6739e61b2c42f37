/**
 * Which stubs wait for which: a stub depends on the stubs of other files that its own file gets hold of by relative
 * imports: by name, through what uses them, or through the file of a stub that it depends on.
 *
 * S1. No stub depends on itself by any way, nor on another of its file.
 * S2. The same modules give the same answer, in whatever order they come.
 */
import { type Declaration, exportsOf, isStub } from '../declarations.ts'
import { declaredNames, freeNames } from './free-names.ts'
import { findModule, importsOf, type LocalImport } from './imports.ts'
import { type Module, nameOf } from './parse.ts'

export type Stub = {
  readonly file: string
  readonly declaration: Declaration
  readonly dependsOn: readonly Stub[]
}

/** The stubs of the modules, by path and in the order of each. */
export function stubsOf(modules: readonly Module[]): Stub[] {
  const sorted = modules.toSorted((a, b) => (a.path < b.path ? -1 : 1)) // (S2)
  const linked = new Map(sorted.map((module) => [module.path, link(module)]))
  const stubs = [...linked.values()].flatMap((module) => [...module.stubs.values()])
  for (const { stubs: own, module } of linked.values()) {
    const reached = stubsReached(module.path, linked)
    const others = stubs.filter((stub) => reached.has(stub) && stub.file !== module.path)
    // Of the stubs that wait for each other, the first in order keeps what it depends on. (S1)
    for (const stub of own.values()) stub.dependsOn.push(...others.filter((other) => !leadsTo(other, stub)))
  }
  return stubs
}

type OpenStub = Stub & { readonly dependsOn: OpenStub[] }

type Linked = {
  readonly module: Module
  /** By their names inside the module, like all that follows. */
  readonly stubs: ReadonlyMap<string, OpenStub>
  readonly imports: readonly LocalImport[]
  /** What the statement that declares a name uses. */
  readonly uses: ReadonlyMap<string, ReadonlySet<string>>
  /** The name here of what is exported under another. */
  readonly renamed: ReadonlyMap<string, string>
}

function link(module: Module): Linked {
  const stubs = exportsOf(module).filter(isStub)
  const uses = new Map<string, Set<string>>()
  const renamed = new Map<string, string>()
  for (const statement of module.statements) {
    const names = declaredNames(statement)
    if (statement.type === 'ExportDefaultDeclaration') names.push('default')
    for (const name of names) uses.set(name, new Set([...(uses.get(name) ?? []), ...freeNames(statement)]))
    if (statement.type !== 'ExportNamedDeclaration' || statement.source) continue
    for (const specifier of statement.specifiers) {
      if (specifier.type === 'ExportSpecifier') renamed.set(nameOf(specifier.exported), specifier.local.name)
    }
  }
  return {
    module,
    stubs: new Map(
      stubs.map((declaration) => [
        declaration.local,
        { file: module.path, declaration, dependsOn: [] as OpenStub[] },
      ]),
    ),
    imports: importsOf(module),
    uses,
    renamed,
  }
}

function stubsReached(path: string, modules: ReadonlyMap<string, Linked>): Set<Stub> {
  const reached = new Set<Stub>()
  const seen = new Set<string>()
  const first = (key: string) => !seen.has(key) && seen.add(key)

  const followImports = ({ imports }: Linked) => {
    for (const { file, name, local } of imports) if (local !== undefined) followExport(file, name)
  }
  const followExport = (file: string, name: string) => {
    const found = findModule(file, (candidate) => modules.has(candidate))
    if (found === undefined || !first(`${found} exports ${name}`)) return
    const linked = modules.get(found)!
    if (name === '*') for (const local of linked.uses.keys()) followLocal(linked, local)
    for (const from of linked.imports) {
      if (name === '*' || from.exported === name) followExport(from.file, from.name)
      else if (from.exported === '*') followExport(from.file, name)
    }
    followLocal(linked, linked.renamed.get(name) ?? name)
  }
  const followLocal = (linked: Linked, local: string) => {
    if (!first(`${linked.module.path} uses ${local}`)) return
    const stub = linked.stubs.get(local)
    if (stub !== undefined) {
      reached.add(stub)
      followImports(linked) // it says nothing yet of what it will use
    }
    for (const from of linked.imports) if (from.local === local) followExport(from.file, from.name)
    for (const used of linked.uses.get(local) ?? []) followLocal(linked, used)
  }

  const start = modules.get(path)
  if (start !== undefined) followImports(start)
  return reached
}

function leadsTo(from: Stub, to: Stub): boolean {
  const ways = new Set([from])
  for (const way of ways) for (const next of way.dependsOn) ways.add(next) // a set grows while it is walked
  return ways.has(to)
}
