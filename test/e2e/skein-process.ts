/** The built command line, `dist/cli/main.js`, in a process of its own: what it says, how it ends, and how to end it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '../root.ts'

export const MAIN = join(ROOT, 'dist/cli/main.js')

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export type SkeinProcess = {
  readonly pid: number
  /** The first line that matches, whenever it was said. Rejects when the process ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<Ended>
  /** Tells it to leave, and makes it if it does not. */
  stop(): Promise<Ended>
}

/** Until a process that was told to leave is killed. A peer drains at once; a run stops its peers first. */
const LEAVE_MS = 20_000

/** What of this process's environment skein may see: no key, no server, no collector of whoever runs the tests. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'SKEIN_NATS_SERVER', 'SKEIN_CACHE', 'XDG_CACHE_HOME']

export const cleanEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )

export type SkeinProcessOptions = {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** In a process group of its own: a Ctrl-C in the terminal does not reach it. */
  readonly apart?: boolean | undefined
}

export function startSkein(args: readonly string[], options: SkeinProcessOptions): SkeinProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
    detached: options.apart ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  const waiting = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      said.push(line)
      for (const look of waiting) look(line)
    })
  }
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  const leaveNoOrphan = () => child.kill('SIGKILL')
  process.once('exit', leaveNoOrphan)
  const ended = once(child, 'close').then(([code]): Ended => {
    process.off('exit', leaveNoOrphan)
    return { code, ...output }
  })

  function says(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (line: string) => {
        const match = pattern.exec(line)
        if (match === null) return
        waiting.delete(look)
        resolve(match)
      }
      waiting.add(look)
      for (const line of said) look(line)
      ended.then(
        () => reject(new Error(`skein ${args.join(' ')} never said ${pattern}:\n${said.join('\n')}`)),
        reject,
      )
    })
  }

  return {
    pid: child.pid!,
    says,
    ended,
    async stop() {
      const force = setTimeout(() => child.kill('SIGKILL'), LEAVE_MS)
      child.kill('SIGTERM')
      await ended
      clearTimeout(force)
      return ended
    },
  }
}

/** Whether a process of this number lives. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
