/** Who runs the runs of a lab: threads, one for each core, or the caller's own. Each run is alone in its thread. */
import { Worker } from 'node:worker_threads'
import { SkeinError } from '../protocols/errors.ts'
import { type AnyCell, cellsOf, type Read } from './experiment.ts'
import type { Sample } from './results.ts'
import { runCell } from './run-cell.ts'

export type Run = { readonly cell: AnyCell; readonly seed: number }

export interface Hand {
  run(run: Run, signal: AbortSignal): Promise<Sample>
  /** Ends it, whatever it is doing. */
  release(): Promise<void>
}

/** Runs in the caller's thread. */
export const ownHand = (): Hand => ({
  run: ({ cell, seed }, signal) => runCell(cell, seed, signal),
  release: async () => {},
})

/** What a thread is told and answers. */
export type Order = { readonly cell: number; readonly seed: number }
export type Answer =
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'failed'; readonly reason: string }

/** Megabytes for what lives shortly: most of what a run makes does, and small spaces are swept all the time. */
const YOUNG_MB = 64

/** The compiled module `thread`: beside this one, where this one is compiled. */
const THREAD = new URL('./thread.js', import.meta.url)

/** A thread of its own. @param entry the compiled module `thread`, unless it is beside this one */
export function threadHand(read: Read, entry: URL = THREAD): Hand {
  const places = new Map(cellsOf(read).map(({ id }, index) => [id, index]))
  const worker = new Worker(entry, {
    workerData: read,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
  worker.unref()

  return {
    run({ cell, seed }, signal) {
      signal.throwIfAborted()
      return new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          worker.off('message', heard)
          worker.off('error', broke)
          worker.off('exit', left)
          signal.removeEventListener('abort', abort)
          worker.unref()
          act()
        }
        const heard = (answer: Answer) =>
          settle(() =>
            answer.kind === 'sample'
              ? resolve(answer.sample)
              : reject(new RunError(cell.id, seed, answer.reason)),
          )
        const broke = (error: Error) =>
          settle(() => reject(new RunError(cell.id, seed, error.message, error)))
        const left = () => settle(() => reject(new RunError(cell.id, seed, 'its thread ended')))
        const abort = () => settle(() => reject(signal.reason))
        worker.on('message', heard)
        worker.on('error', broke)
        worker.on('exit', left)
        signal.addEventListener('abort', abort, { once: true })
        worker.ref()
        worker.postMessage({ cell: places.get(cell.id)!, seed } satisfies Order)
      })
    },
    async release() {
      await worker.terminate()
    },
  }
}

/** A run broke, which none should: with its cell and seed it breaks again. */
export class RunError extends SkeinError {
  constructor(cell: string, seed: number, reason: string, cause?: unknown) {
    super('lab.run', `the run of "${cell}" with seed ${seed} broke: ${reason}`, { cause })
  }
}
