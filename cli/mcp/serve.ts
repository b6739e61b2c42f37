/**
 * The server itself: its tools, and its life. It ends with its input, or when it is told to stop; runs that it began
 * are left to their peers and go on. Nothing but the protocol is written to standard output.
 */
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { untilAborted } from '../../src/time/or-aborted.ts'
import { EXIT } from '../exit-code.ts'
import { errorObject } from '../show/error.ts'
import { screen } from '../show/terminal.ts'
import { version } from '../version.ts'
import { cancelTool } from './cancel.ts'
import type { Desk, McpTool } from './desk.ts'
import { assureRoot } from './inside-root.ts'
import { resultTool } from './result.ts'
import { runTool } from './run.ts'
import { statusTool } from './status.ts'
import { traceTool } from './trace.ts'

const TOOLS: readonly McpTool[] = [runTool, statusTool, resultTool, traceTool, cancelTool] as never

const INSTRUCTIONS =
  'skein sets a flock of agents to a goal in a directory. "run" begins and answers with an id; ask "status" or "result" by it. A run takes minutes and goes on without you. What of it waits for a person is decided by a person at a terminal, never by you: "status" says what waits and what they type.'

/** Until its input ends or the signal is aborted. Answers the exit code. @throws CliError `cli.root` */
export async function serveMcp(
  given: Omit<Desk, 'say' | 'leaving'> & { signal: AbortSignal },
): Promise<number> {
  const { signal } = given
  const root = await assureRoot(given.root)
  const inputEnded = new AbortController()
  const leaving = AbortSignal.any([signal, inputEnded.signal])
  const desk: Desk = { ...given, root, say: screen(process.stderr).line, leaving }
  const serverInfo = { name: 'skein', version: await version() }
  /** Calls that were begun: they end before this process does. */
  const underWay = new Set<Promise<unknown>>()

  const handle = serveStdio(() => {
    const server = new McpServer(serverInfo, { capabilities: { tools: {} }, instructions: INSTRUCTIONS })
    for (const tool of TOOLS) register(server, tool, desk, underWay)
    return server
  })
  process.stdin.once('end', () => inputEnded.abort())
  process.stdin.once('close', () => inputEnded.abort())
  await untilAborted(leaving)
  await Promise.allSettled(underWay)
  await handle.close()
  return EXIT.ok
}

function register(server: McpServer, tool: McpTool, desk: Desk, underWay: Set<Promise<unknown>>): void {
  const { name, title, description, input, output, annotations } = tool
  server.registerTool(
    name,
    { title, description, inputSchema: input, outputSchema: output, annotations },
    async (given, { mcpReq }) => {
      const { progressToken } = mcpReq._meta ?? {}
      let told = 0
      const call = {
        signal: AbortSignal.any([mcpReq.signal, desk.leaving]),
        tell(message: string) {
          if (progressToken === undefined || mcpReq.signal.aborted) return
          const params = { progressToken, progress: ++told, message }
          // Who has left does not hear it.
          mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {})
        },
      }
      const answering = tool.answer(given, desk, call)
      underWay.add(answering)
      try {
        const { text, structured } = await answering
        return { content: [{ type: 'text', text }], structuredContent: structured as Record<string, unknown> }
      } catch (error) {
        const { code, message } = errorObject(error)
        return { content: [{ type: 'text', text: `${code}: ${message}` }], isError: true }
      } finally {
        underWay.delete(answering)
      }
    },
  )
}
