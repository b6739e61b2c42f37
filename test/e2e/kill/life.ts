/** One life of the process that hosts the shop: starting it, and seeing how it ends. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import type { NatsOptions } from '../../../src/bus/nats/bus.ts'
import { cleanEnvironment } from '../skein-process.ts'
import type { Place } from './trap.ts'

/** What a process is told. */
export type Life = {
  readonly bus: Pick<NatsOptions, 'url' | 'prefix' | 'leaseTtlMs' | 'ackWaitMs'>
  /** File to which each step is added, with the process's number. */
  readonly ledger: string
  /** Absent: it lives until it is let go of. */
  readonly place?: Place
}

/** The signal that a process died of, or the code that it left with. */
export type End = NodeJS.Signals | number

export type Living = {
  readonly pid: number
  readonly ended: Promise<End>
  /** Lets go of it: it drains and leaves. */
  letGo(): void
}

/** The process's program as one file, from the sources as they are. @returns its path */
export async function bundleProgram(folder: string): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('process.ts', import.meta.url)),
    platform: 'node',
    logLevel: 'silent',
  })
  const file = join(folder, 'process.mjs')
  await bundle.write({ file, codeSplitting: false })
  await bundle.close()
  return file
}

export function startLife(program: string, life: Life): Living {
  const child = fork(program, [JSON.stringify(life)], { env: cleanEnvironment(), execArgv: [] })
  const exit = once(child, 'exit') as Promise<[code: number, signal: NodeJS.Signals | null]>
  return {
    pid: child.pid!,
    ended: exit.then(([code, signal]) => signal ?? code),
    letGo() {
      if (child.connected) child.disconnect()
    },
  }
}
