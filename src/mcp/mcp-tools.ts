/**
 * Tools of an MCP server as tools of a role. Only what is listed is offered: a server may grow tools that nobody looked
 * at, and what its tools say of themselves is for the model, not for skein.
 */
import { GENERAL, MCP } from '../../traces/names.ts'
import type { Clock } from '../time/clock.ts'
import { systemClock } from '../time/system-clock.ts'
import { OUTPUT_LIMIT_BYTES } from '../tools/command.ts'
import { defineTool, TOOL_TIMEOUT_MS, type Tool } from '../tools/tool.ts'
import { callOutputSchema, outputOf } from './call-outcome.ts'
import type { Connection, ListedTool } from './connection.ts'
import { McpError } from './error.ts'
import { inputSchema } from './input-schema.ts'
import type { ListedTools } from './listed-tools.ts'
import { type McpServer, nameOfServer } from './server.ts'

export type McpToolChoice = {
  /** The server's names of the tools to offer. */
  readonly allow: readonly string[]
  /** Before the names that the model sees, with `_` between; that of the server unless given. */
  readonly prefix?: string | undefined
  /** Names for the model in place of the server's, where two would be the same. */
  readonly rename?: Readonly<Record<string, string>>
  /** Milliseconds that a call may take: 30 seconds unless given. */
  readonly timeoutMs?: number
  /** Bytes of a result: 64 KiB unless given. */
  readonly outputLimitBytes?: number
  /** Server's names of tools that may be run twice though the server does not say so. */
  readonly idempotent?: readonly string[]
  /** Server's names of tools whose calls wait until a person has approved them. */
  readonly approval?: readonly string[]
}

export type McpServerOptions = {
  /** Milliseconds that the server may take to start and to answer: 60 seconds unless given. */
  readonly openTimeoutMs?: number
  readonly clock?: Clock
}

export interface McpConnection {
  /** Tools of it, in the order in which they are allowed. @throws as `mcpTools` */
  tools(choice: McpToolChoice): Promise<Tool[]>
  /** Closes what is open, unless a call is under way; the next call opens it again. Draining peers do this. */
  release(): Promise<void>
  /** Of the server's process, where one runs now. */
  pid(): number | undefined
}

/**
 * One connection for the roles of this process that use the server.
 * @example
 * const files = mcpServer({ command: 'mcp-server-filesystem', args: ['docs'] })
 * const tools = await files.tools({ allow: ['read_text_file'] })
 */
export function mcpServer(server: McpServer, options: McpServerOptions = {}): McpConnection {
  const { clock = systemClock(), openTimeoutMs } = options
  let connecting: Promise<Connection> | undefined
  let connection: Connection | undefined

  /** The SDK takes a quarter of a second to load: whoever has no use for it does not wait for it. */
  async function connected(): Promise<Connection> {
    connecting ??= import('./connection.ts').then(({ createConnection }) =>
      createConnection(server, { clock, openTimeoutMs }),
    )
    connection = await connecting
    return connection
  }

  return {
    async tools(choice) {
      const connection = await connected()
      const listed = await connection.tools()
      const chosen = choice.allow.map((name) => listedAs(name, listed, server))
      assureAllowed(choice)
      const names = chosen.map(({ name }) => nameFor(name, { prefix: server.prefix, ...choice }))
      const clash = names.findIndex((name, index) => names.indexOf(name) !== index)
      if (clash >= 0) {
        const both = chosen.filter((_, index) => names[index] === names[clash]).map(({ name }) => `"${name}"`)
        throw new McpError(
          'name-clash',
          `${both.join(' and ')} of the MCP server "${nameOfServer(server)}" would both be called "${names[clash]}": give one another name with "rename"`,
        )
      }
      return chosen.map((tool, index) => toolOf(connection, tool, names[index]!, choice))
    },
    release: async () => connection?.release(),
    pid: () => connection?.about().pid,
  }
}

/**
 * The listed tools of an MCP server, over a connection of their own.
 * @throws McpError `mcp.unreachable`, `mcp.no-tool`, `mcp.bad-tool`, `mcp.tool-name`, `mcp.name-clash`
 * @example
 * export const librarian = defineRole({
 *   …
 *   tools: await mcpTools({ server: { command: 'mcp-server-filesystem', args: ['docs'] }, allow: ['read_text_file'] }),
 * })
 */
export const mcpTools = ({
  server,
  ...options
}: { readonly server: McpServer } & McpServerOptions & McpToolChoice): Promise<Tool[]> =>
  mcpServer(server, options).tools(options)

/** A slip in a name must not leave a call without its approval. */
function assureAllowed({ allow, approval = [], idempotent = [], rename = {} }: McpToolChoice): void {
  const stray = [...approval, ...idempotent, ...Object.keys(rename)].find((name) => !allow.includes(name))
  if (stray === undefined) return
  throw new McpError(
    'no-tool',
    `"${stray}" is spoken of, but not allowed: "allow" lists ${allow.map((name) => `"${name}"`).join(', ') || 'nothing'}`,
  )
}

function listedAs(name: string, { tools, unusable }: ListedTools, server: McpServer): ListedTool {
  const found = tools.find((tool) => tool.name === name)
  if (found !== undefined) return found
  if (unusable.includes(name)) {
    throw new McpError(
      'bad-tool',
      `the MCP server "${nameOfServer(server)}" does not describe its tool "${name}" as the protocol wants it, with an object as its input: see whether there is a newer one`,
    )
  }
  const names = tools.map((tool) => tool.name).join(', ') || 'none'
  throw new McpError(
    'no-tool',
    `the MCP server "${nameOfServer(server)}" has no tool "${name}": there are ${names}`,
  )
}

/** `listIssues` and `list-issues` as `list_issues`. @throws McpError `mcp.tool-name` */
function nameFor(name: string, { prefix, rename }: Pick<McpToolChoice, 'prefix' | 'rename'>): string {
  const plain = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
  const mapped = rename?.[name] ?? (prefix === undefined ? plain : `${prefix}_${plain}`)
  if (/^[a-z][a-z0-9_]{0,62}$/.test(mapped)) return mapped
  throw new McpError(
    'tool-name',
    `the MCP tool "${name}" would be called "${mapped}", which cannot name a tool: give it a name with "rename" (a-z, 0-9 and "_", beginning with a letter, at most 63)`,
  )
}

function toolOf(connection: Connection, listed: ListedTool, name: string, choice: McpToolChoice): Tool {
  const { timeoutMs = TOOL_TIMEOUT_MS, outputLimitBytes = OUTPUT_LIMIT_BYTES } = choice
  const { readOnlyHint, idempotentHint } = listed.annotations ?? {}
  const idempotent =
    readOnlyHint === true || idempotentHint === true || choice.idempotent?.includes(listed.name) === true
  return {
    ...defineTool({
      name,
      description: listed.description ?? listed.title ?? `The tool "${listed.name}" of an MCP server.`,
      input: inputSchema(listed.inputSchema),
      output: callOutputSchema,
      idempotent,
      usesRecords: true, // what it gives is the server's to know
      timeoutMs,
      async run(input, { signal, traceparent, onOutput, onAttributes }) {
        try {
          const result = await connection.call(listed, input, {
            signal,
            timeoutMs,
            repeatable: idempotent,
            traceparent,
            onProgress: onOutput && ((progress) => onOutput(`${progressText(progress)}\n`)),
          })
          return { output: outputOf(result, listed.name, outputLimitBytes) }
        } finally {
          onAttributes?.(attributesOf(connection))
        }
      },
    }),
    ...(choice.approval?.includes(listed.name) && { approval: true }),
    release: connection.release,
  } as Tool
}

function progressText({
  progress,
  total,
  message,
}: {
  progress: number
  total?: number
  message?: string
}): string {
  const count = total === undefined ? `${progress}` : `${progress}/${total}`
  return message === undefined ? count : `${message} (${count})`
}

function attributesOf(connection: Connection): Record<string, string | number> {
  const { server } = connection
  const { protocolVersion, sessionId } = connection.about()
  const url = 'url' in server ? new URL(server.url) : undefined
  return {
    [MCP.methodName]: 'tools/call',
    ...(protocolVersion !== undefined && { [MCP.protocolVersion]: protocolVersion }),
    ...(sessionId !== undefined && { [MCP.sessionId]: sessionId }),
    [GENERAL.networkTransport]: url === undefined ? 'pipe' : 'tcp',
    ...(url && {
      [GENERAL.serverAddress]: url.hostname,
      [GENERAL.serverPort]: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
    }),
  }
}
