/** The job of `skein ask`: one message to one role, and what it answers. */
import { resolve } from 'node:path'
import type { MessageDefinition } from '../protocols/define.ts'
import type { Job } from '../src/flock/job.ts'
import type { Role } from '../src/role/define.ts'
import { importDirectory } from '../src/tools/directory.ts'
import { CliError } from './input/error.ts'
import { type Roles, roleNamed } from './input/roles.ts'

export type Asked = {
  readonly role: Role
  readonly message: MessageDefinition
  readonly body: unknown
  /** For people. */
  readonly goal: string
  /** Directories; both are only read. */
  readonly workspace?: string | undefined
  readonly documents?: string | undefined
}

/** What of a role can be asked. @throws CliError `cli.message` */
export function messageTo(role: Role, wanted?: string): MessageDefinition {
  const questions = role.accepts.filter(({ answeredBy }) => answeredBy.length > 0)
  const types = questions.map(({ type }) => type).join(', ') || 'nothing that anybody answers'
  const [message, ...others] =
    wanted === undefined ? questions : questions.filter(({ type }) => type === wanted)
  if (message !== undefined && others.length === 0) return message
  throw new CliError(
    'message',
    message === undefined
      ? `the role "${role.name}" does not take ${wanted === undefined ? 'a question' : `"${wanted}"`}: it takes ${types}`
      : `the role "${role.name}" takes ${types}: say which with --message`,
  )
}

/**
 * With a peer of the role, and of each role that it may ask, and that those may ask.
 * @throws CliError `cli.role` for a role to ask that there is not, `cli.message` for one that does not take the question,
 * `cli.workspace` where there is none and one of them is there to change files
 */
export function askedJob(asked: Asked, roles: Roles): Job {
  const crew = crewOf(asked.role, roles)
  const { message, body, goal, workspace, documents } = asked
  const answers = message.answeredBy.flatMap(
    (type) => crew.flatMap(({ sends }) => sends).find((sent) => sent.type === type) ?? [],
  )
  if (answers.length === 0)
    throw new CliError(
      'message',
      `neither "${asked.role.name}" nor a role that it asks answers "${message.type}"`,
    )
  const idle = workspace === undefined && crew.find(({ tools }) => tools.some(changesFiles))
  if (idle)
    throw new CliError(
      'workspace',
      `"${idle.name}" is there to change files, by ${idle.tools
        .filter(changesFiles)
        .map(({ name }) => name)
        .join(', ')}: name the directory with --workspace`,
    )
  return {
    goal,
    roles: crew.map((role) => ({ role, count: 1 })),
    async prepare({ blobs }) {
      const base = workspace === undefined ? undefined : await importDirectory(blobs, workspace)
      const pages = documents === undefined ? base : await importDirectory(blobs, documents)
      return {
        start: { role: asked.role.name, message, body, answers },
        ...(base && workspace !== undefined && { base: base.hash, workspace: resolve(workspace) }),
        ...(pages && { documents: pages.hash }),
      }
    },
  }
}

const changesFiles = ({ workspace }: Role['tools'][number]) => workspace === 'changes'

function crewOf(first: Role, roles: Roles): Role[] {
  const crew = new Map<string, Role>([[first.name, first]])
  // Roles that are found meanwhile are looked at as well.
  for (const role of crew.values()) {
    for (const [name, { message }] of Object.entries(role.asks)) {
      const other = crew.get(name) ?? roleNamed(name, roles)
      if (!other.accepts.some(({ type }) => type === message.type))
        throw new CliError(
          'message',
          `"${role.name}" asks "${name}" by "${message.type}", which it does not take`,
        )
      crew.set(name, other)
    }
  }
  return [...crew.values()]
}
