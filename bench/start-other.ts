/** Starts the other process, and lets go of it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Server } from './bare-court.ts'
import { BenchError } from './errors.ts'
import type { Sizes } from './sizes.ts'

/** The first thing it is told. */
export type Task = { readonly server: Server; readonly sizes: Sizes }

export interface OtherProcess {
  /** Rejects when it ends before it was let go of. @throws BenchError `bench.process-died` */
  readonly died: Promise<never>
  /** Lets go of it; resolves when it has ended. */
  leave(): Promise<void>
}

/** Resolves when its ends are there. */
export async function startOther(task: Task): Promise<OtherProcess> {
  const child = fork(fileURLToPath(new URL('other-process.js', import.meta.url)))
  const gone = once(child, 'exit')
  const died = gone.then(([code]): never => {
    throw new BenchError('process-died', `the other process ended with ${code}: see above`)
  })
  died.catch(() => {})
  const leaveNoOrphan = () => child.kill('SIGKILL')
  process.once('exit', leaveNoOrphan)
  child.send(task)
  await Promise.race([once(child, 'message'), died])
  return {
    died,
    async leave() {
      if (child.connected) child.disconnect()
      await gone
      process.off('exit', leaveNoOrphan)
    },
  }
}
