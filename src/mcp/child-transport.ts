/**
 * An MCP server as a child process, by lines on its standard input and output. The SDK has such a transport as well;
 * this one gives the child a scrubbed environment and a process group of its own, so that nothing of it is left, keeps
 * what it said on standard error for the text of an error, and does not keep a process alive that waits for nothing.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import {
  type JSONRPCMessage,
  SdkError,
  SdkErrorCode,
  serializeMessage,
  type Transport,
} from '@modelcontextprotocol/client'
import { type Clock, sleep } from '../time/clock.ts'
import { drainMicrotasks } from '../time/microtasks.ts'
import { scrubbedEnvironment } from '../tools/environment.ts'
import { endGroup, endWithProcess } from '../tools/process-group.ts'
import { messageLines } from './message-lines.ts'
import type { McpProgram } from './server.ts'

/** Between the end of its input, which asks it to leave, and the signal that does. */
const LEAVE_MS = 500
/** For what a child that has ended wrote before: a grandchild may hold its pipes open for ever. */
const LAST_WORDS_MS = 250
/** Messages that wait to be taken before the child has to wait with more. */
const WAITING_MESSAGES = 256
/** Of standard error, the end. */
const STDERR_CHARS = 2_000

type Child = ChildProcessByStdio<Writable, Readable, Readable>
type Handle = { readonly destroyed?: boolean; ref?(): void; unref?(): void }

export interface ChildTransport extends Transport {
  /** Of the child; null before it was started. By this and `stderr` the SDK knows a local pipe. */
  readonly pid: number | null
  /** The end of what it said on standard error. */
  readonly stderr: string
  /** Why it was ended from here, where it was. */
  readonly fault: Error | undefined
  close(): Promise<void>
}

export function childTransport(program: McpProgram, clock: Clock): ChildTransport {
  const lines = messageLines()
  /** Requests without an answer: only for these the child keeps this process alive. */
  const waiting = new Set<unknown>()
  const arrived: JSONRPCMessage[] = []
  let isDelivering = false
  let child: Child | undefined
  let closing: Promise<void> | undefined
  let fault: Error | undefined
  let said = ''

  function read(chunk: Buffer): void {
    try {
      arrived.push(...lines.take(chunk))
    } catch (error) {
      fault = error as Error
      child?.stdout.destroy()
      transport.close().catch(() => {})
      return
    }
    if (arrived.length > WAITING_MESSAGES) child?.stdout.pause()
    if (!isDelivering) deliver().catch((error) => transport.onerror?.(error))
  }

  /** The SDK hears a notification a moment later, and by then must not have got the answer that came behind it. */
  async function deliver(): Promise<void> {
    isDelivering = true
    try {
      for (let message = arrived.shift(); message !== undefined; message = arrived.shift()) {
        try {
          take(message)
        } catch (error) {
          transport.onerror?.(error as Error) // the others have no part in it
        }
        if (arrived.length > 0) await drainMicrotasks()
        else child?.stdout.resume()
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
    for (const handle of [child, child.stdin, child.stdout, child.stderr] as Handle[])
      if (handle.destroyed !== true) handle[act]?.()
  }

  /** Hands over what a child wrote before it ended, and says then that it has. */
  async function ended({ stdout }: Child): Promise<void> {
    const over = new AbortController()
    stdout.once('close', () => over.abort())
    if (stdout.closed) over.abort()
    await sleep(clock, LAST_WORDS_MS, over.signal)
    if (!isDelivering) await deliver()
    while (isDelivering) await drainMicrotasks()
    transport.onclose?.()
  }

  const transport: ChildTransport = {
    get pid() {
      return child?.pid ?? null
    },
    get stderr() {
      return said.trim()
    },
    get fault() {
      return fault
    },
    start: () =>
      new Promise((resolve, reject) => {
        child = spawn(program.command, program.args ?? [], {
          cwd: program.cwd,
          env: { ...scrubbedEnvironment(program.passEnv), ...program.env },
          detached: true, // makes it the leader of a new group
          stdio: ['pipe', 'pipe', 'pipe'],
        })
        const callOff = child.pid === undefined ? () => {} : endWithProcess(child.pid)
        child.once('spawn', resolve)
        child.once('error', (error) => {
          callOff()
          reject(error)
        })
        child.once('exit', () => {
          callOff()
          ended(child!).catch((error) => transport.onerror?.(error))
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
        else if (hasEnded(child)) reject(new SdkError(SdkErrorCode.NotConnected, 'it has ended'))
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
    if (hasEnded(child)) over.abort()
    child.once('exit', () => over.abort())
    child.stdin.end()
    await sleep(clock, LEAVE_MS, over.signal)
    await endGroup(pid, clock)
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  }

  return transport
}

const hasEnded = ({ exitCode, signalCode }: Child): boolean => exitCode !== null || signalCode !== null
