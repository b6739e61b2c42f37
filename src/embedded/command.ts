/** A command of the system: whether there is one, and running it to its end. */
import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { promisify } from 'node:util'
import { EmbeddedNatsError } from './errors.ts'

/** The caller's environment, passed in. */
export type Env = Readonly<Record<string, string | undefined>>

export type CommandOptions = {
  readonly env: Env
  /** Kills the command. */
  readonly signal: AbortSignal
  readonly cwd?: string
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What it printed. @throws EmbeddedNatsError with the last line of its complaint, or the signal's reason */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<string> {
  try {
    const env = { ...options.env, LC_ALL: 'C' }
    const { stdout } = await promisify(execFile)(command, args, { ...options, env })
    return stdout
  } catch (cause) {
    options.signal.throwIfAborted()
    const { code, stderr = '' } = cause as { code?: string | number; stderr?: string }
    const complaint = stderr.trim().split('\n').at(-1) || `ended with ${code}`
    const why = code === 'ENOENT' ? 'not found' : complaint
    throw new EmbeddedNatsError('command', `${command}: ${why}`, { cause })
  }
}
