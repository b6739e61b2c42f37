/** The roles that a command line can name: those that skein brings, those of the config, and those of a module. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ACTOR_NAMES, loadActors } from '../../actors/catalogue.ts'
import { SkeinError } from '../../protocols/errors.ts'
import type { Role } from '../../src/role/define.ts'
import type { Config } from './config.ts'
import { CliError } from './error.ts'

export type Roles = ReadonlyMap<string, Role>

/**
 * Roles by name.
 * @param wanted which of skein's own actors to load, where not all are needed
 * @throws CliError `cli.role`
 */
export async function namedRoles(config: Config, wanted: readonly string[] = ACTOR_NAMES): Promise<Roles> {
  const [brought, own] = await Promise.all([
    loadActors(wanted),
    Promise.all((config.roles ?? []).map(rolesOf)),
  ])
  return new Map([...brought, ...own.flat()].map((role) => [role.name, role]))
}

/** The roles that `skein peer` was asked for: names, and paths of modules. @throws CliError `cli.role` */
export async function chosenRoles(wanted: readonly string[], named: Roles): Promise<Role[]> {
  const chosen = await Promise.all(
    wanted.map(async (one) => (isPath(one) ? rolesOf(resolve(one)) : [roleNamed(one, named)])),
  )
  return chosen.flat()
}

export function roleNamed(name: string, named: Roles): Role {
  const role = named.get(name)
  if (role !== undefined) return role
  throw new CliError(
    'role',
    `there is no role "${name}": there are ${[...new Set([...ACTOR_NAMES, ...named.keys()])].join(', ')}, or give a module like ./${name}.js`,
  )
}

const isPath = (text: string) => /[/\\]|\.[cm]?[jt]s$/.test(text)

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
