/**
 * A role as one Markdown file: front matter that says what it takes, answers and may use, and below it what its model
 * is told. The machine is the ready one. All of it is checked before there is a role, and all that is wrong is said at
 * once, with its line.
 *
 * @example
 * ```md
 * ---
 * name: librarian
 * description: Answers questions from the documents
 * accepts: question.ask
 * tools: [search_documents]
 * ---
 * Search first. Answer only from what you found, and name the page.
 * ```
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type McpServers, mcpServers } from '../mcp/named-servers.ts'
import { RoleError } from '../role/check-machine.ts'
import { defineRole, type Role } from '../role/define.ts'
import { RoleFileError, type RoleFileProblem } from './error.ts'
import { splitFrontMatter } from './front-matter.ts'
import { readKeys } from './keys.ts'
import { messagesOf } from './messages.ts'
import { toolsOf } from './tools.ts'

export type ReadRoleOptions = {
  /** Of whose servers its tools `mcp:SERVER/TOOL` are: none unless given. */
  readonly mcp?: McpServers
  /** Names that other roles have, each with where it is from. */
  readonly taken?: ReadonlyMap<string, string>
}

/**
 * The role that a file says.
 * @throws RoleFileError `role.file-…`, with a line for each problem; McpError `mcp.unreachable` where a server of its
 * tools is not there
 * @example
 * const librarian = await readRole('roles/librarian.md')
 */
export async function readRole(path: string | URL, options: ReadRoleOptions = {}): Promise<Role> {
  const file = typeof path === 'string' ? path : fileURLToPath(path)
  const { mcp = mcpServers({}), taken = new Map() } = options
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    const problem = { code: 'file-unreadable', line: 1, column: 1, text: cause.message } as const
    throw new RoleFileError(file, [problem], { cause })
  })
  const parts = splitFrontMatter(text)
  if ('problems' in parts) throw new RoleFileError(file, parts.problems, { cause: parts.cause })
  const { yaml, body, endsAt } = parts
  const problems: RoleFileProblem[] = []
  const complain = (problem: RoleFileProblem) => void problems.push(problem)
  if (body === '')
    complain({
      ...{ code: 'file-body', line: endsAt, column: 1 },
      text: 'nothing stands below the front matter: write there what the model is to do',
    })
  const keys = readKeys(yaml)
  if ('problems' in keys) throw new RoleFileError(file, [...problems, ...keys.problems])
  const other = taken.get(keys.name)
  if (other !== undefined)
    complain({
      code: 'file-name',
      ...yaml.problem(['name'], `there is a role "${keys.name}" already, ${other}: give one another name`),
    })
  const messages = await messagesOf(keys, file, yaml, complain)
  const tools = await toolsOf(keys, yaml, mcp, complain)
  if (problems.length > 0) throw new RoleFileError(file, problems)
  try {
    return defineRole({
      name: keys.name,
      description: keys.description,
      instructions: body,
      ...messages,
      tools,
      approve: keys.approve ?? [],
      ...(keys.model && { model: keys.model }),
      ...(keys.concurrency !== undefined && { concurrency: keys.concurrency }),
    })
  } catch (error) {
    if (!(error instanceof RoleError)) throw error
    const problem = yaml.problem(['name'], error.message)
    throw new RoleFileError(file, [{ code: 'file-value', ...problem }], { cause: error })
  }
}
