/** How a process of ours ends: with an exit code, its error shown, and all of its output on its way. */
import { EXIT, exitCodeFor } from './exit-code.ts'
import { showError } from './show/error.ts'
import { screen } from './show/terminal.ts'

/** Resolves when all that was written to it is on its way: `process.exit` drops what a pipe has not taken yet. */
const flushed = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => void stream.write('', () => resolve()))

/** `skein tap | head` is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.unexpected)
})
/** What nobody hears changes nothing. */
process.stderr.on('error', () => {})

/** Does the work and exits with its code; what it throws is shown and becomes one. */
export async function finish(work: () => Promise<number>): Promise<never> {
  let exitCode: number
  try {
    exitCode = await work()
  } catch (error) {
    showError(error, screen(process.stderr))
    exitCode = exitCodeFor(error)
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  process.exit(exitCode)
}
