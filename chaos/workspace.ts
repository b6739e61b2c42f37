/** Copies of workspaces to work on, and whether a patch mends one, outside of skein. */
import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { namedVariables } from '../src/tools/environment.ts'

const WORKSPACES = {
  textkit: '../../examples/workspaces/textkit',
  tiny: '../../test/fixtures/workspaces/tiny',
} as const

export type WorkspaceName = keyof typeof WORKSPACES

/** What of this process's environment skein may see: no key, no server, no collector. */
export const plainEnvironment = (): Record<string, string> => namedVariables(['PATH', 'HOME', 'LANG'])

/** @returns the folder */
export async function copyOf(workspace: WorkspaceName, folder: string): Promise<string> {
  await cp(fileURLToPath(new URL(WORKSPACES[workspace], import.meta.url)), folder, { recursive: true })
  return folder
}

/** The exit code of the workspace's own tests, run by npm and nobody else. */
export const testsIn = (folder: string, signal: AbortSignal) => exitCodeOf('npm', ['test'], folder, signal)

/** @returns git's exit code */
export const applyPatch = (folder: string, patch: string, signal: AbortSignal) =>
  exitCodeOf('git', ['apply', patch], folder, signal)

function exitCodeOf(
  command: string,
  args: readonly string[],
  cwd: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: plainEnvironment(), signal }, (error) => {
      if (error === null) resolve(0)
      else if (typeof error.code === 'number') resolve(error.code)
      else reject(error)
    })
  })
}
