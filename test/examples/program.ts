/** A program of `examples`, run as its reader would: by node, in a folder of its own, with no key but the one given. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment, type Ended } from '../e2e/skein-process.ts'

export const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

/** Of a run of a few messages, on a busy machine. */
const PROGRAM_MS = 60_000

export function runExample(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const options = { cwd, env: { ...cleanEnvironment(), ...env }, timeout: PROGRAM_MS }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [`${EXAMPLES}${program}`, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr })
      else reject(error)
    })
  })
}
