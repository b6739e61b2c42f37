/** Work in a project of its own, of which nothing is left afterwards, nor where it is stopped. */
import { openProject, type Project } from '../e2e/project.ts'

/** @throws what the work throws; the signal's reason, once all processes are gone */
export async function inProject<T>(signal: AbortSignal, work: (project: Project) => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const project = await openProject({ apart: true })
  let closing: Promise<void> | undefined
  // Once: whoever is told to leave a second time leaves everything as it is.
  const close = () => {
    closing ??= project.close()
    return closing
  }
  const stop = () => void close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await work(project)
  } finally {
    signal.removeEventListener('abort', stop)
    await close()
    signal.throwIfAborted()
  }
}
