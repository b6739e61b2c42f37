/**
 * The connection to one MCP server: opened when it is wanted, opened again when the server is gone, closed when the
 * peers that use it leave. It knows no tools of skein.
 *
 * - M1 At most one connection is open, whoever calls beside whom.
 * - M2 A call is made a second time only where the first one cannot have been done, or may be done twice.
 * - M3 Opening again is tried a bounded number of times for a call.
 */
import {
  type CallToolResult,
  Client,
  type Tool as ListedTool,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { type Clock, sleep } from '../time/clock.ts'
import { orAborted } from '../time/or-aborted.ts'
import { ToolError } from '../tools/tool.ts'
import { type ChildTransport, childTransport } from './child-transport.ts'
import { McpError } from './error.ts'
import { type ListedTools, listedTools } from './listed-tools.ts'
import { type McpServer, nameOfServer } from './server.ts'

export type { CallToolResult, ListedTool }

export interface Connection {
  readonly server: McpServer
  /** Asked for once. @throws McpError `mcp.unreachable` */
  tools(): Promise<ListedTools>
  /** @throws ToolError `tool.mcp-unreachable`, `tool.mcp-lost`, `tool.mcp-error`; the reason of the signal */
  call(tool: ListedTool, input: unknown, options: CallOptions): Promise<CallToolResult>
  /** Of the connection that is open, if one is. */
  about(): { readonly protocolVersion?: string; readonly sessionId?: string; readonly pid?: number }
  /** Closes it, unless somebody else has a call under way. The next call opens another. */
  release(): Promise<void>
}

export type CallOptions = {
  /** Ends it: the server is told. */
  readonly signal: AbortSignal
  /** Milliseconds that the caller waits. */
  readonly timeoutMs: number
  /** Whether it may be done twice. */
  readonly repeatable: boolean
  readonly traceparent?: string | undefined
  readonly onProgress?:
    | ((progress: { progress: number; total?: number; message?: string }) => void)
    | undefined
}

/** Milliseconds that a server may take to start and to answer unless somebody says otherwise: `npx` may fetch it first. */
const OPEN_TIMEOUT_MS = 60_000
/** Milliseconds for the question whether a server speaks the newer protocol; one that is silent speaks the older. */
const PROBE_MS = 5_000
/** Milliseconds before each try to reach a server that was there before. */
const TRIES_MS = [0, 250, 1_000]
/** Times that one call is made. */
const CALLS = 2
/** Milliseconds after the caller's deadline, at which the SDK gives up as well. */
const SLACK_MS = 1_000

type Open = { readonly client: Client; readonly transport: ChildTransport | StreamableHTTPClientTransport }

export function createConnection(
  server: McpServer,
  {
    clock,
    openTimeoutMs = OPEN_TIMEOUT_MS,
  }: { readonly clock: Clock; readonly openTimeoutMs?: number | undefined },
): Connection {
  const name = nameOfServer(server)
  const calls = new Set<AbortSignal>()
  let open: Promise<Open> | undefined
  let opened: Open | undefined
  let listed: Promise<ListedTools> | undefined

  async function connect(mode: 'auto' | 'legacy' = 'auto'): Promise<Open> {
    const transport = 'command' in server ? childTransport(server, clock) : httpTransport(server)
    const client = new Client(
      { name: 'skein', version: '1' },
      { versionNegotiation: { mode, probe: { timeoutMs: Math.min(PROBE_MS, openTimeoutMs) } } },
    )
    client.onclose = () => forget(client)
    try {
      await client.connect(transport, { timeout: openTimeoutMs })
      return { client, transport }
    } catch (error) {
      await transport.close().catch(() => {})
      // Servers of an older protocol may leave at a question that they do not know.
      if (mode === 'auto' && 'pid' in transport && transport.pid !== null && isUnanswered(error))
        return connect('legacy')
      const said = 'stderr' in transport && transport.stderr !== '' ? `. It said: ${transport.stderr}` : ''
      const remedy =
        'command' in server
          ? 'see that the program is installed and that its arguments are right'
          : 'see that it runs and that its address and headers are right'
      const reason = isLate(error) ? `no answer within ${openTimeoutMs / 1_000} s` : reasonOf(error)
      throw new McpError(
        'unreachable',
        `the MCP server "${name}" cannot be reached: ${remedy} (${reason})${said}`,
        {
          cause: error,
        },
      )
    }
  }

  function forget(client: Client): void {
    if (opened?.client !== client) return
    opened = undefined
    open = undefined
  }

  /** M1 */
  function opening(work: () => Promise<Open>): Promise<Open> {
    open ??= work().then(
      (now) => {
        opened = now
        return now
      },
      (error) => {
        open = undefined
        throw error
      },
    )
    return open
  }

  /** M3 */
  async function reconnect(): Promise<Open> {
    for (const [index, delayMs] of TRIES_MS.entries()) {
      await sleep(clock, delayMs)
      try {
        return await connect()
      } catch (error) {
        if (index === TRIES_MS.length - 1) throw error
      }
    }
    throw new McpError('unreachable', `the MCP server "${name}" cannot be reached`)
  }

  /** What it answered once, it would answer again: this is not tried a second time. */
  const ended = ({ name: called }: ListedTool, fault: Error) =>
    new ToolError(
      'mcp-lost',
      `the MCP server "${name}" was ended during "${called}", since ${fault.message}: ask it for less. The call may be done or not`,
      { cause: fault },
    )

  async function attempt(tool: ListedTool, input: unknown, options: CallOptions): Promise<CallToolResult> {
    const { signal, timeoutMs, traceparent, onProgress } = options
    const { client, transport } = await orAborted(opening(reconnect), signal).catch((error) => {
      if (error instanceof McpError) throw new ToolError('mcp-unreachable', error.message, { cause: error })
      throw error
    })
    try {
      return await client.callTool(
        {
          name: tool.name,
          arguments: input as Record<string, unknown>,
          ...(traceparent !== undefined && { _meta: { traceparent } }), // SEP-414
        },
        {
          signal,
          timeout: timeoutMs + SLACK_MS,
          toolDefinition: tool,
          ...(onProgress && { onprogress: onProgress }),
          ...(traceparent !== undefined && { headers: { traceparent } }),
        },
      )
    } catch (error) {
      if (isGone(error)) {
        forget(client)
        client.close().catch(() => {})
        if ('fault' in transport && transport.fault !== undefined) throw ended(tool, transport.fault)
      }
      throw error
    }
  }

  return {
    server,
    tools() {
      listed ??= opening(() => connect())
        .then(({ client }) => listedTools(client, openTimeoutMs))
        .catch((error) => {
          listed = undefined
          if (error instanceof McpError) throw error
          throw new McpError(
            'unreachable',
            `the MCP server "${name}" does not list its tools: ${reasonOf(error)}`,
            {
              cause: error,
            },
          )
        })
      return listed
    },
    async call(tool, input, options) {
      const { signal, repeatable } = options
      calls.add(signal)
      try {
        for (let made = 1; ; made++) {
          try {
            return await attempt(tool, input, options)
          } catch (error) {
            signal.throwIfAborted()
            if (!isGone(error)) throw isRefusal(error) ? refused(tool, error) : error
            const again = repeatable || neverArrived(error) // M2
            if (again && made < CALLS) continue
            const text = again
              ? `the MCP server "${name}" ended twice during "${tool.name}": leave this call`
              : `the MCP server "${name}" ended during "${tool.name}": it may be done or not; look before you call it again`
            throw new ToolError('mcp-lost', text, { cause: error })
          }
        }
      } finally {
        calls.delete(signal)
      }
    },
    about: () => ({
      ...(opened && { protocolVersion: opened.client.getNegotiatedProtocolVersion() }),
      ...(opened?.transport.sessionId && { sessionId: opened.transport.sessionId }),
      ...(opened &&
        'pid' in opened.transport &&
        opened.transport.pid !== null && { pid: opened.transport.pid }),
    }),
    async release() {
      if ([...calls].some((signal) => !signal.aborted)) return
      const last = await open?.catch(() => undefined)
      if (last === undefined) return
      forget(last.client)
      await last.client.close()
    },
  }
}

/** No stream of its own for what the server says unasked: skein listens to answers only. */
function httpTransport({ url, headers }: Extract<McpServer, { url: string }>): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
    fetch: async (to, init) => {
      const asksForStream = init?.method === 'GET' && !new Headers(init.headers).has('last-event-id')
      return asksForStream ? new Response(null, { status: 405 }) : fetch(to, init)
    },
  })
}

const GONE: readonly string[] = [
  SdkErrorCode.ConnectionClosed,
  SdkErrorCode.NotConnected,
  SdkErrorCode.SendFailed,
]

/** Of the protocol: a model may mend it by another call. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof ProtocolError || error instanceof SdkError

const refused = ({ name }: ListedTool, cause: Error) =>
  new ToolError('mcp-error', `"${name}": ${cause.message}`, { cause })

/** The server left, or its session did. */
const isGone = (error: unknown): boolean =>
  (error instanceof SdkError && GONE.includes(error.code)) ||
  (error instanceof SdkHttpError && error.status === 404) ||
  systemCodeOf(error) !== undefined

/** It left at the first question, or said nothing to it that makes sense. */
const isUnanswered = (error: unknown): boolean =>
  isGone(error) || (error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed)

/** What no server can have taken. */
const neverArrived = (error: unknown): boolean =>
  (error instanceof SdkError && error.code === SdkErrorCode.NotConnected) ||
  (error instanceof SdkHttpError && error.status === 404) ||
  systemCodeOf(error) === 'ECONNREFUSED'

/** `ECONNREFUSED`, `EPIPE`, … of the error or of what caused it. */
function systemCodeOf(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code, syscall } = one as NodeJS.ErrnoException
    if (typeof code === 'string' && (syscall !== undefined || /^(E[A-Z]+|UND_ERR_.*)$/.test(code)))
      return code
  }
  return undefined
}

const isLate = (error: unknown): boolean =>
  error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout

/** What it says, and what it says of its causes. */
function reasonOf(error: unknown): string {
  const said: string[] = []
  for (let one = error; one instanceof Error; one = one.cause)
    if (!said.some((text) => text.includes((one as Error).message))) said.push(one.message)
  return said.join(': ')
}
