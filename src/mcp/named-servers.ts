/** MCP servers by name, as a config lists them, for roles that are written as text and name tools `mcp:docs/search`. */
import type { Tool } from '../tools/tool.ts'
import { McpError } from './error.ts'
import { type McpConnection, type McpServerOptions, type McpToolChoice, mcpServer } from './mcp-tools.ts'
import type { McpServer } from './server.ts'

export interface McpServers {
  /**
   * The tools that are referred to, in that order; each server has one connection, however many roles use it.
   * @throws McpError `mcp.reference`, `mcp.no-server`, and as `mcpTools`
   */
  tools(references: readonly string[], options?: Omit<McpToolChoice, 'allow'>): Promise<Tool[]>
}

const REFERENCE = /^mcp:([^/]+)\/(.+)$/

/** Whether a name of a tool is one of these: `mcp:NAME/TOOL`. */
export const isMcpReference = (text: string): boolean => text.startsWith('mcp:')

/** Nothing is started before a tool of it is asked for. */
export function mcpServers(
  servers: Readonly<Record<string, McpServer>>,
  options: McpServerOptions = {},
): McpServers {
  const connections = new Map<string, McpConnection>()

  function connectionOf(name: string, reference: string): McpConnection {
    const server = Object.hasOwn(servers, name) ? servers[name] : undefined
    if (server === undefined) {
      const names = Object.keys(servers).join(', ') || 'none'
      throw new McpError(
        'no-server',
        `"${reference}" names the MCP server "${name}", which no config lists: there are ${names}`,
      )
    }
    const connection = connections.get(name) ?? mcpServer(server, options)
    connections.set(name, connection)
    return connection
  }

  return {
    async tools(references, choice = {}) {
      const wanted = references.map((reference) => {
        const [, name, tool] = REFERENCE.exec(reference) ?? []
        if (name === undefined || tool === undefined)
          throw new McpError(
            'reference',
            `"${reference}" names no tool of an MCP server: write mcp:NAME/TOOL`,
          )
        return { name, tool, connection: connectionOf(name, reference) }
      })
      const found = new Map<string, Tool>()
      for (const name of new Set(wanted.map((one) => one.name))) {
        const some = wanted.filter((one) => one.name === name)
        const allow = [...new Set(some.map(({ tool }) => tool))]
        const tools = await some[0]!.connection.tools({ ...choice, allow })
        for (const [index, tool] of tools.entries()) found.set(`${name}/${allow[index]}`, tool)
      }
      return [...new Set(wanted.map(({ name, tool }) => found.get(`${name}/${tool}`)!))]
    },
  }
}
