/** The roles that a command line can name: those that skein brings, those of the config, and those of a file. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ACTOR_NAMES, loadActors } from '../../actors/catalogue.ts'
import { SkeinError } from '../../protocols/errors.ts'
import type { Role } from '../../src/role/define.ts'
import type { Config } from './config.ts'
import { CliError } from './error.ts'

const isMarkdown = (file: string) => /\.md$/i.test(file)

export type Roles = ReadonlyMap<string, Role>

/**
 * Roles by name.
 * @param wanted which of skein's own actors to load, where not all are needed
 * @throws CliError `cli.role`
 */
export async function namedRoles(config: Config, wanted: readonly string[] = ACTOR_NAMES): Promise<Roles> {
  const [brought, own] = await Promise.all([loadActors(wanted), rolesOfFiles(config.roles ?? [], config)])
  return new Map([...brought, ...[...own.values()].flat()].map((role) => [role.name, role]))
}

/**
 * The roles that `skein peer` was asked for: names, and paths of files. A file that stands there twice is one role twice.
 * @throws CliError `cli.role`; RoleFileError
 */
export async function chosenRoles(wanted: readonly string[], named: Roles, config: Config): Promise<Role[]> {
  const files = wanted.filter(isPath).map((path) => resolve(path))
  const own = await rolesOfFiles(files, config)
  return wanted.flatMap((one) => (isPath(one) ? own.get(resolve(one))! : [roleNamed(one, named)]))
}

export function roleNamed(name: string, named: Roles): Role {
  const role = named.get(name)
  if (role !== undefined) return role
  throw new CliError(
    'role',
    `there is no role "${name}": there are ${[...new Set([...ACTOR_NAMES, ...named.keys()])].join(', ')}, or give a file like ./${name}.md or ./${name}.js`,
  )
}

const isPath = (text: string) => /[/\\]|\.([cm]?[jt]s|md)$/.test(text)

/**
 * Of modules and Markdown files. A role in Markdown has a name of its own: where it had that of another role, which of
 * them is meant would be anybody's guess.
 */
async function rolesOfFiles(
  files: readonly string[],
  config: Config,
): Promise<ReadonlyMap<string, readonly Role[]>> {
  const [written, modules] = [files.filter(isMarkdown), files.filter((file) => !isMarkdown(file))]
  const own = new Map(await Promise.all(modules.map(async (file) => [file, await rolesOf(file)] as const)))
  if (written.length === 0) return own
  const [{ readRole }, { mcpServers }] = await Promise.all([
    import('../../src/role-file/read-role.ts'),
    import('../../src/mcp/named-servers.ts'),
  ])
  const mcp = mcpServers(config.mcp ?? {})
  const taken = new Map(ACTOR_NAMES.map((name) => [name, 'which skein brings']))
  for (const [file, roles] of own) for (const { name } of roles) taken.set(name, `in ${file}`)
  for (const file of new Set(written)) {
    const role = await readRole(file, { mcp, taken })
    taken.set(role.name, `in ${file}`)
    own.set(file, [role])
  }
  return own
}

async function rolesOf(file: string): Promise<Role[]> {
  const module: Record<string, unknown> = await import(pathToFileURL(file).href).catch((cause: Error) => {
    // What the module itself told by code, of an MCP server that is not there for instance, is told as it is.
    if (cause instanceof SkeinError) throw cause
    throw new CliError('role', `"${file}" cannot be loaded: ${cause.message}`, { cause })
  })
  const roles = [...new Set(Object.values(module).filter(isRole))]
  if (roles.length > 0) return roles
  throw new CliError('role', `"${file}" exports no role: export what defineRole() gives`)
}

const isRole = (value: unknown): value is Role =>
  typeof value === 'object' && value !== null && ['name', 'machine', 'accepts'].every((key) => key in value)
