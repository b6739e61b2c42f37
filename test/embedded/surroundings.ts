/** What the tests of the private server share: a folder that goes away, a clock, chance, and stand-ins for programs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Env } from '../../src/embedded/command.ts'
import { systemRandom } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/system-clock.ts'

/** Removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skein-embedded-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Real time and chance, a given environment; what is reported is kept in `lines`. */
export function surroundings(env: Env = {}) {
  const lines: string[] = []
  return {
    env,
    clock: systemClock(),
    random: systemRandom(),
    signal: new AbortController().signal,
    lines,
    progress: (text: string) => {
      lines.push(text)
    },
  }
}

/** Writes a shell script that can be run, and returns its path. */
export async function script(path: string, body: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return path
}

/** A program that says it is a nats-server of some version, and can do no more. */
export const fakeServer = (path: string, version = '2.12.15'): Promise<string> =>
  script(path, `echo "nats-server: v${version}"`)

/** The pid of a process that has ended. */
export async function deadPid(): Promise<number> {
  const child = spawn('true')
  await once(child, 'exit')
  return child.pid!
}
