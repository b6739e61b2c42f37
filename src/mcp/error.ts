/** What goes wrong before any tool of an MCP server is called: when a role is loaded. */
import { SkeinError } from '../../protocols/errors.ts'

/**
 * `mcp.unreachable`, `mcp.no-tool`, `mcp.tool-name`, `mcp.name-clash`, `mcp.no-server`, `mcp.reference`. A call that
 * fails later is a ToolError, which the model sees.
 */
export class McpError extends SkeinError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(`mcp.${code}`, message, options)
  }
}
