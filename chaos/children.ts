/**
 * The processes that are started here: what each says, how it ends, and how to end it. None outlives this process,
 * unless this one is killed as well.
 */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ChaosError } from './errors.ts'

export type Command = {
  /** Names its log. */
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** It learns when this process is gone, by the end of a channel. */
  readonly tethered?: boolean
}

/** The signal that a process died of, or the code that it left with. */
export type End = NodeJS.Signals | number

export interface Child {
  readonly name: string
  readonly pid: number
  /** Lines on its error output so far. */
  readonly said: readonly string[]
  /** Resolves when a line from the `from`-th on has this text, said or yet to be said. @throws ChaosError `chaos.ended` */
  says(text: string, from?: number): Promise<void>
  readonly ended: Promise<End>
  hasEnded(): boolean
  /** What it printed: all of it once it has ended. */
  printed(): string
  signal(signal: NodeJS.Signals): void
}

export interface Children {
  start(command: Command): Child
  /** Ends all that live; resolves when they have ended. */
  end(): Promise<void>
}

/** @param logDir takes a file for each of them */
export function createChildren(logDir: string): Children {
  const living = new Set<Child>()
  const leaveNone = () => {
    for (const child of living) child.signal('SIGKILL')
  }
  process.once('exit', leaveNone)

  return {
    start(command) {
      const child = startChild(command, join(logDir, `${command.name}.log`))
      living.add(child)
      void child.ended.then(() => living.delete(child))
      return child
    },
    async end() {
      const all = [...living]
      leaveNone()
      await Promise.all(all.map(({ ended }) => ended))
      process.off('exit', leaveNone)
    },
  }
}

function startChild({ name, program, args, env, cwd, tethered = false }: Command, log: string): Child {
  const child = spawn(program, [...args], {
    env: { ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'pipe', ...(tethered ? ['ipc' as const] : [])],
  })
  const [stdout, stderr] = [child.stdout!, child.stderr!]
  const said: string[] = []
  const looks = new Set<(line: string) => void>()
  let printed = ''
  let end: End | undefined
  stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  stderr.pipe(createWriteStream(log))
  createInterface(stderr).on('line', (line) => {
    said.push(line)
    for (const look of [...looks]) look(line)
  })
  const ended = new Promise<End>((resolve) => {
    child.once('error', (error) => {
      said.push(error.message)
      resolve(1)
    })
    child.once('close', (code, signal) => resolve(signal ?? code ?? 1))
  }).then((how) => {
    end = how
    return how
  })

  return {
    name,
    pid: child.pid ?? 0,
    said,
    ended,
    says(text, from = 0) {
      return new Promise((resolve, reject) => {
        const look = (line: string) => {
          if (!line.includes(text)) return
          looks.delete(look)
          resolve()
        }
        looks.add(look)
        said.slice(from).forEach(look)
        void ended.then((how) => {
          looks.delete(look)
          reject(new ChaosError('ended', `${name} ended (${how}) and never said "${text}": see "${log}"`))
        })
      })
    },
    hasEnded: () => end !== undefined,
    printed: () => printed,
    signal: (signal) => void child.kill(signal),
  }
}
