/**
 * Peer processes: started together, each with a log of its own, and let go of together. They stay for as long as any
 * run is live, not only ours; nobody restarts one that dies.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Env } from '../embedded/command.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { FlockError } from './errors.ts'
import type { Member } from './muster.ts'
import { readReady } from './tether.ts'

/** One process to start. */
export type PeerCommand = {
  /** Names its log until its peer has a name: `coder.1`. */
  readonly name: string
  /** Arguments of `node`. No secrets: everybody can read them. */
  readonly args: readonly string[]
}

export type SpawnPeersOptions = {
  readonly commands: readonly PeerCommand[]
  readonly env: Env
  readonly logDir: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

export type PeerProcesses = {
  readonly members: readonly Member[]
  /** Lets go of all: they leave, unless `needed`, asked again before anything is forced, says that others use them. */
  letGo(needed: () => Promise<boolean>): Promise<void>
}

/** Until a peer process is there. It takes well below a second, unless the machine is busy. */
const READY_MS = 30_000
/** Until a process that was let go of has left. */
const LEAVE_MS = 5_000
/** Lines of a log that an error quotes. */
const QUOTED_LINES = 8

/** @throws FlockError `flock.peer-died`, `flock.peer-late`; the signal's reason. Then none of them is left. */
export async function spawnPeers(options: SpawnPeersOptions): Promise<PeerProcesses> {
  const { commands, logDir, clock, signal } = options
  await mkdir(logDir, { recursive: true })
  const late = new AbortController()
  const timer = clock.setTimer(READY_MS, () => late.abort())
  const children: Child[] = []
  try {
    for (const command of commands) children.push(await start(command, options))
    const members = await Promise.all(
      children.map((child) => ready(child, AbortSignal.any([signal, late.signal]))),
    )
    return { members: members.flat(), letGo: (needed) => letGo(children, needed, clock) }
  } catch (error) {
    for (const { process } of children) process.kill('SIGTERM')
    await letGo(children, async () => false, clock)
    signal.throwIfAborted()
    throw error
  } finally {
    timer.cancel()
  }
}

type Child = {
  readonly process: ChildProcess
  readonly name: string
  readonly log: string
  /** Resolves when it has ended, or could not be started. */
  readonly gone: Promise<void>
}

async function start({ name, args }: PeerCommand, { env, logDir }: SpawnPeersOptions): Promise<Child> {
  const path = join(logDir, `${name}.log`)
  const log = await open(path, 'w')
  try {
    const child = spawn(process.execPath, [...args], {
      env: { ...env },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    })
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', () => resolve())
    })
    return { process: child, name, log: path, gone }
  } finally {
    await log.close()
  }
}

/** Resolves when the process says that its peers are there. */
function ready({ process, name, log, gone }: Child, late: AbortSignal): Promise<readonly Member[]> {
  return new Promise((resolve, reject) => {
    const fail = async (code: string, what: string) => {
      const text = await readFile(log, 'utf8').catch(() => '')
      const quoted = text.trimEnd().split('\n').slice(-QUOTED_LINES)
      reject(new FlockError(code, `${what}. Its log, "${log}", ends with:\n  ${quoted.join('\n  ')}`))
    }
    process.on('message', (message) => {
      const members = readReady(message)
      if (members !== undefined) resolve(named(log, members))
    })
    void gone.then(() => fail('peer-died', `the process of ${name} ended at its start`))
    const onLate = () => void fail('peer-late', `${name} was not there within ${READY_MS / 1_000} s`)
    if (late.aborted) onLate()
    late.addEventListener('abort', onLate, { once: true })
  })
}

/** Gives a log the name of the first peer that it is of. */
async function named(log: string, members: readonly Member[]): Promise<readonly Member[]> {
  const [first] = members
  if (first !== undefined) await rename(log, join(dirname(log), `${first.peer}.log`)).catch(() => {})
  return members
}

async function letGo(
  children: readonly Child[],
  needed: () => Promise<boolean>,
  clock: Clock,
): Promise<void> {
  for (const { process } of children) {
    if (process.connected) process.disconnect()
    process.unref()
  }
  if (await needed()) return
  await within(clock, LEAVE_MS, children)
  const left = children.filter(({ process }) => process.exitCode === null && process.signalCode === null)
  if (left.length === 0 || (await needed())) return
  for (const { process } of left) process.kill('SIGKILL')
  await within(clock, LEAVE_MS, left)
}

/** Waits until all have ended, but not for longer. */
async function within(clock: Clock, ms: number, children: readonly Child[]): Promise<void> {
  const over = new AbortController()
  const gone = Promise.all(children.map((child) => child.gone))
  await Promise.race([gone, sleep(clock, ms, over.signal)])
  over.abort()
}
