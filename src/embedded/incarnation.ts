/**
 * One life of a process: its pid and when it started, since the system gives a dead process's pid to another.
 * It holds within one machine and one pid namespace: containers that share a folder do not see each other.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type Clock, sleep } from '../time/clock.ts'
import { EmbeddedNatsError } from './errors.ts'

/** Until a process has ended that was asked to, and one that was not asked. */
const TERM_MS = 10_000
const KILL_MS = 5_000
/** Between two looks. */
const LOOK_MS = 10

export type Incarnation = {
  readonly pid: number
  /** Digits that two processes with the same pid do not share; their unit is the platform's. */
  readonly start: string
}

/** The process that has this pid now, or undefined. A zombie is dead: in a container nobody may reap it. */
export async function incarnationOf(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<Incarnation | undefined> {
  const status = await (platform === 'linux' ? statusFromProc(pid) : statusFromPs(pid))
  return status?.alive ? { pid, start: status.start } : undefined
}

/** Whether that very process still runs. */
export async function lives({ pid, start }: Incarnation): Promise<boolean> {
  return (await incarnationOf(pid))?.start === start
}

/** This process. */
export async function ownIncarnation(): Promise<Incarnation> {
  const own = await incarnationOf(process.pid)
  if (own === undefined) {
    throw new EmbeddedNatsError('process', `cannot read when process ${process.pid} started: mount /proc`)
  }
  return own
}

/** Asks a process to end, then makes it; whether it has ended. */
export async function endIncarnation(incarnation: Incarnation, clock: Clock): Promise<boolean> {
  for (const [signal, ms] of [
    ['SIGTERM', TERM_MS],
    ['SIGKILL', KILL_MS],
  ] as const) {
    if (await lives(incarnation)) sendSignal(incarnation.pid, signal)
    const end = clock.now() + ms
    while ((await lives(incarnation)) && clock.now() < end) await sleep(clock, LOOK_MS)
  }
  return !(await lives(incarnation))
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

type Status = { readonly alive: boolean; readonly start: string }

/**
 * proc_pid_stat(5). Field 2, the command, may hold spaces and parentheses. Of a killed process the first thread may
 * be a zombie (field 3) while others (field 20 counts them) still hold its files and sockets. Field 22 is the start.
 */
async function statusFromProc(pid: number): Promise<Status | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [state, threads, start] = [fields[3 - 3], fields[20 - 3], fields[22 - 3]!]
    return { alive: state !== 'Z' || Number(threads) > 1, start }
  } catch (error) {
    return noProcess(error, ['ENOENT', 'ESRCH'], `cannot read /proc/${pid}/stat`)
  }
}

async function statusFromPs(pid: number): Promise<Status | undefined> {
  // The start is printed in the reader's language and time zone, and must read the same to everybody.
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const flags = ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)]
  try {
    const { stdout } = await promisify(execFile)('ps', flags, { env })
    const [state = '', ...started] = stdout.trim().split(/\s+/)
    return { alive: !state.startsWith('Z'), start: String(Date.parse(`${started.join(' ')} UTC`)) }
  } catch (error) {
    return noProcess(error, [1], `cannot ask ps about process ${pid}`)
  }
}

/** Only what says that there is no such process may be taken for it: nothing else may declare the living dead. */
function noProcess(cause: unknown, codes: readonly unknown[], otherwise: string): undefined {
  if (codes.includes((cause as { code?: unknown }).code)) return undefined
  throw new EmbeddedNatsError('process', otherwise, { cause })
}
