/**
 * An MCP server as a child process, by lines on its standard input and output. The SDK has such a transport as well;
 * this one gives the child a scrubbed environment and a process group of its own, so that nothing of it is left, keeps
 * what it said on standard error for the text of an error, and does not keep a process alive that waits for nothing.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import {
  type JSONRPCMessage,
  ReadBuffer,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client'
import { type Clock, sleep } from '../time/clock.ts'
import { drainMicrotasks } from '../time/microtasks.ts'
import { scrubbedEnvironment } from '../tools/environment.ts'
import { endGroup, signalGroup } from '../tools/process-group.ts'
import type { McpProgram } from './server.ts'

/** Between the end of its input, which asks it to leave, and the signal that does. */
const LEAVE_MS = 500
/** Of standard error, the end. */
const STDERR_CHARS = 2_000

type Child = ChildProcessByStdio<Writable, Readable, Readable>

export interface ChildTransport extends Transport {
  /** Of the child; null before it was started. By this and `stderr` the SDK knows a local pipe. */
  readonly pid: number | null
  /** The end of what it said on standard error. */
  readonly stderr: string
  close(): Promise<void>
}

export function childTransport(program: McpProgram, clock: Clock): ChildTransport {
  const buffer = new ReadBuffer()
  /** Requests without an answer: only for these the child keeps this process alive. */
  const waiting = new Set<unknown>()
  const arrived: JSONRPCMessage[] = []
  let isDelivering = false
  let child: Child | undefined
  let closing: Promise<void> | undefined
  let said = ''

  const endWithUs = () => child?.pid !== undefined && signalGroup(child.pid, 'SIGKILL')

  function read(chunk: Buffer): void {
    try {
      buffer.append(chunk)
      for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage())
        arrived.push(message)
      if (!isDelivering) deliver().catch((error) => transport.onerror?.(error))
    } catch (error) {
      transport.onerror?.(error as Error)
      transport.close().catch(() => {})
    }
  }

  /** The SDK hears a notification a moment later, and by then must not have got the answer that came behind it. */
  async function deliver(): Promise<void> {
    isDelivering = true
    try {
      for (let message = arrived.shift(); message !== undefined; message = arrived.shift()) {
        take(message)
        if (arrived.length > 0) await drainMicrotasks()
      }
    } finally {
      isDelivering = false
    }
  }

  function take(message: JSONRPCMessage): void {
    if (!('method' in message)) waiting.delete(message.id)
    keepAlive()
    transport.onmessage?.(message)
  }

  function keepAlive(): void {
    if (child === undefined) return
    const act = waiting.size > 0 ? 'ref' : 'unref'
    for (const handle of [child, child.stdin, child.stdout, child.stderr] as Partial<
      Record<'ref' | 'unref', () => void>
    >[])
      handle[act]?.()
  }

  const transport: ChildTransport = {
    get pid() {
      return child?.pid ?? null
    },
    get stderr() {
      return said.trim()
    },
    start: () =>
      new Promise((resolve, reject) => {
        child = spawn(program.command, program.args ?? [], {
          cwd: program.cwd,
          env: { ...scrubbedEnvironment(program.passEnv), ...program.env },
          detached: true, // makes it the leader of a new group
          stdio: ['pipe', 'pipe', 'pipe'],
        })
        process.once('exit', endWithUs)
        child.once('spawn', resolve)
        child.once('error', (error) => {
          process.removeListener('exit', endWithUs)
          reject(error)
        })
        // A grandchild may hold the pipes open: the child's own end is what counts.
        child.once('exit', () => {
          process.removeListener('exit', endWithUs)
          transport.onclose?.()
        })
        child.stdin.on('error', (error) => transport.onerror?.(error))
        child.stdout.on('data', read)
        child.stderr.on('data', (chunk: Buffer) => {
          said = (said + chunk).slice(-STDERR_CHARS)
        })
      }),
    send(message) {
      if ('method' in message && 'id' in message) waiting.add(message.id)
      if ('method' in message && message.method === 'notifications/cancelled')
        waiting.delete((message.params as { requestId?: unknown }).requestId)
      keepAlive()
      return new Promise((resolve, reject) => {
        if (child === undefined) reject(new Error('not started'))
        else child.stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()))
      })
    },
    close() {
      closing ??= end()
      return closing
    },
  }

  async function end(): Promise<void> {
    const pid = child?.pid
    if (child === undefined || pid === undefined) return
    const over = new AbortController()
    if (child.exitCode !== null || child.signalCode !== null) over.abort()
    child.once('exit', () => over.abort())
    child.stdin.end()
    await sleep(clock, LEAVE_MS, over.signal)
    await endGroup(pid, clock)
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  }

  return transport
}
