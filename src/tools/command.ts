/**
 * Running a command: without a shell, in a process group of its own, with a scrubbed environment, nothing on its
 * input, a bounded output and a deadline. It owns no policy: which commands may run is the tool's business.
 *
 * Without a sandbox it keeps an agent's code from reading our environment and from lingering, no more: that code has the
 * rights of this process's user, and a process that leaves its group (`setsid`) gets away. For POSIX.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { type Ending, INSIDE, NO_PROGRAM, type Sandbox, STATUS_FD } from '../sandbox/sandbox.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { scrubbedEnvironment } from './environment.ts'
import { boundedOutput } from './output.ts'
import { endGroup, endWithProcess, GRACE_MS } from './process-group.ts'
import { ToolError } from './tool.ts'

export type Command = {
  /** The program, looked up in PATH, and its arguments. */
  readonly argv: readonly string[]
  readonly cwd: string
  /** A directory that exists: the command's HOME and TMPDIR. */
  readonly home: string
  /** Set on top of the scrubbed environment. Never from a model. */
  readonly env?: Readonly<Record<string, string>>
  /** The host's clock. The process is real, so a virtual clock waits for nothing. */
  readonly clock: Clock
  /** Ends the command, which then throws. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly outputLimitBytes?: number | undefined
  /** Takes what it prints, as it comes. */
  readonly onOutput?: ((text: string) => void) | undefined
  /** What is put around it. Nothing unless given. */
  readonly sandbox?: Sandbox | undefined
  /** Absolute paths that it may read in a sandbox, beside its directory and its home. */
  readonly readable?: readonly string[] | undefined
}

export type CommandResult = {
  /** Null where a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** Standard output and standard error as they came; the middle is left out where there was too much. */
  readonly output: string
  readonly truncated: boolean
  /** It was ended at its deadline. */
  readonly timedOut: boolean
  readonly durationMs: number
}

/** Bytes of output kept unless the command says otherwise. */
export const OUTPUT_LIMIT_BYTES = 64 * 1024

/**
 * @throws ToolError `tool.command` where it cannot be started, `tool.sandbox` where its sandbox cannot be set up,
 * `tool.aborted` where the signal ended it
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { argv, clock, signal } = command
  if (signal.aborted) throw aborted(argv, signal)
  const startedAt = clock.now()
  const child = start(command)
  const status = command.sandbox && heard(child)
  const output = boundedOutput(command.outputLimitBytes ?? OUTPUT_LIMIT_BYTES)
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', output.add)
    if (command.onOutput !== undefined) hearText(stream, command.onOutput)
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))

  // Whatever ends this process meanwhile, the command does not outlive it.
  const callOff = child.pid === undefined ? () => {} : endWithProcess(child.pid)
  let ending: Awaited<ReturnType<typeof endingOf>>
  try {
    ending = await endingOf(child, command)
    if (child.pid !== undefined) await endGroup(child.pid, clock)
  } finally {
    callOff()
  }
  // Whoever left the group may hold the pipes open for ever.
  await within(clock, GRACE_MS, closed)
  child.stdout.destroy()
  child.stderr.destroy()

  if (ending === 'aborted') throw aborted(argv, signal)
  if (status !== undefined && ending === 'exit') assureInside(command, status())
  return {
    ...endingIn(command.sandbox, { exitCode: child.exitCode, signal: child.signalCode }),
    ...output.read(),
    timedOut: ending === 'deadline',
    durationMs: clock.now() - startedAt,
  }
}

function start(command: Command): ChildProcessByStdio<null, Readable, Readable> {
  const { argv, cwd, home, readable = [], sandbox } = command
  const contained = argv.length > 0 ? sandbox?.wrap({ argv, cwd, home, readable }) : undefined
  const [program = '', ...rest] = contained ?? argv
  try {
    return spawn(program, rest, {
      cwd,
      env: { ...scrubbedEnvironment(), HOME: home, TMPDIR: home, ...command.env },
      detached: true, // makes it the leader of a new group
      stdio: ['ignore', 'pipe', 'pipe', ...(sandbox ? (['pipe'] as const) : [])],
    }) as ChildProcessByStdio<null, Readable, Readable>
  } catch (cause) {
    throw cannotStart(command, cause)
  }
}

/** A character may come in two pieces. */
function hearText(stream: Readable, hear: (text: string) => void): void {
  const decoder = new TextDecoder()
  stream.on('data', (chunk: Uint8Array) => hear(decoder.decode(chunk, { stream: true })))
}

/** What a sandbox says of itself, up to now. */
function heard(child: ChildProcess): () => string {
  let text = ''
  const stream = child.stdio[STATUS_FD] as Readable
  stream.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  return () => {
    stream.destroy()
    return text
  }
}

/** Of a command line in an error: a program may be an argument. */
const SHOWN_CHARS = 200

/** What never began did not fail. */
function assureInside({ argv, sandbox, cwd }: Command, status: string): void {
  if (status === INSIDE) return
  if (status.startsWith(INSIDE + NO_PROGRAM)) throw cannotStart({ argv, cwd }, status.slice(INSIDE.length))
  const program = JSON.stringify(argv).slice(0, SHOWN_CHARS)
  const text = `the sandbox of ${program} (${sandbox?.name}) could not be set up${status && `: ${status}`}. "skein doctor" tells which sandbox works here; --sandbox chooses another`
  throw new ToolError('sandbox', text, { cause: status })
}

const endingIn = (sandbox: Sandbox | undefined, ending: Ending): Ending =>
  sandbox === undefined ? ending : sandbox.endingOf(ending)

/** Resolves with what ended the command first. */
async function endingOf(child: ChildProcess, command: Command): Promise<'exit' | 'deadline' | 'aborted'> {
  const { clock, signal, timeoutMs } = command
  const over = new AbortController()
  const exit = new Promise<'exit'>((resolve, reject) => {
    child.once('exit', () => resolve('exit'))
    child.once('error', reject)
  })
  const deadline = sleep(clock, timeoutMs, AbortSignal.any([signal, over.signal]))
  try {
    return await Promise.race([exit, deadline.then(() => (signal.aborted ? 'aborted' : 'deadline'))])
  } catch (cause) {
    throw cannotStart(command, cause)
  } finally {
    over.abort()
  }
}

/** Waits for a promise that never rejects, but not longer. */
async function within(clock: Clock, delayMs: number, promise: Promise<void>): Promise<void> {
  const over = new AbortController()
  await Promise.race([promise, sleep(clock, delayMs, over.signal)])
  over.abort()
}

function cannotStart({ argv, cwd }: Pick<Command, 'argv' | 'cwd'>, cause: unknown): ToolError {
  const text = `${JSON.stringify(argv)} cannot be started in "${cwd}": is it installed, and in PATH?`
  return new ToolError('command', text, { cause })
}

function aborted(argv: readonly string[], signal: AbortSignal): ToolError {
  const text = `${JSON.stringify(argv)} was ended before it was done: the work it was part of is over`
  return new ToolError('aborted', text, { cause: signal.reason })
}
