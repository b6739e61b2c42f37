/** A process of the bench's own: starts it, tells it what to do, asks it, and lets go of it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BenchError } from './errors.ts'

export interface Child {
  /** Rejects when it ends before it was let go of. @throws BenchError `bench.process-died` */
  readonly died: Promise<never>
  /** Its answer to a question. One at a time. */
  ask<Answer>(question: string): Promise<Answer>
  /** Lets go of it; resolves when it has ended. */
  leave(): Promise<void>
}

/**
 * Resolves when it is ready.
 * @param script beside the one that runs
 * @param task the first thing it is told
 */
export async function startChild(script: URL, task: object, flags: readonly string[] = []): Promise<Child> {
  const child = fork(fileURLToPath(script), { execArgv: [...flags] })
  const gone = once(child, 'exit')
  const died = gone.then(([code]): never => {
    throw new BenchError('process-died', `another process of the bench ended with ${code}: see above`)
  })
  died.catch(() => {})
  const leaveNoOrphan = () => child.kill('SIGKILL')
  process.once('exit', leaveNoOrphan)
  child.send(task)
  await Promise.race([once(child, 'message'), died])
  return {
    died,
    async ask<Answer>(question: string) {
      child.send(question)
      const [answer] = await once(child, 'message')
      return answer as Answer
    },
    async leave() {
      if (child.connected) child.disconnect()
      await gone
      process.off('exit', leaveNoOrphan)
    },
  }
}
