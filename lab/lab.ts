/**
 * The lab: every cell of an experiment with every seed, as many at a time as there are hands, then what they add up to.
 *
 * The samples are the same whatever the order in which runs end: each depends on its cell and seed only, and they are
 * put in order before anything is computed of them. Runs of a seed come before those of the next, so that a lab that is
 * interrupted has something of every cell.
 */

import { cellsOf, type Read } from './experiment.ts'
import { type Hand, ownHand, type Run } from './hands.ts'
import type { Results, Sample } from './results.ts'
import { openSamples } from './sample-store.ts'
import { resultsOf } from './summary.ts'

export type LabOptions = {
  readonly read: Read
  /** Where samples are kept, and found again; nowhere, unless given. */
  readonly samples?: string | undefined
  /** Those who run: the caller's own thread, unless given. They are released in the end. */
  readonly hands?: readonly Hand[]
  /** A run ended, or was found. `left` are to come. */
  readonly onSample?: (sample: Sample, progress: Progress) => void
  readonly signal?: AbortSignal
}

export type Progress = { readonly done: number; readonly left: number }

export type LabOutcome = { readonly results: Results; readonly samples: readonly Sample[] }

/** @throws the reason of an aborted signal; RunError; OtherExperimentError. What had ended by then is kept */
export async function runLab(options: LabOptions): Promise<LabOutcome> {
  const { read, hands = [ownHand()], onSample = () => {} } = options
  const cells = cellsOf(read)
  const runs: readonly Run[] = read.experiment.seeds.flatMap((seed) => cells.map((cell) => ({ cell, seed })))
  const keyOf = (cell: string, seed: number) => `${seed} ${cell}`
  const wanted = new Set(runs.map(({ cell, seed }) => keyOf(cell.id, seed)))
  const samples = new Map<string, Sample>()
  const failing = new AbortController()
  const signal = AbortSignal.any([failing.signal, ...(options.signal === undefined ? [] : [options.signal])])

  function note(sample: Sample): void {
    samples.set(keyOf(sample.cell, sample.seed), sample)
    onSample(sample, { done: samples.size, left: runs.length - samples.size })
  }

  try {
    signal.throwIfAborted()
    const store = options.samples === undefined ? undefined : await openSamples(options.samples, read)
    for (const sample of store?.samples ?? []) if (wanted.has(keyOf(sample.cell, sample.seed))) note(sample)
    const left = runs.filter(({ cell, seed }) => !samples.has(keyOf(cell.id, seed))).values()

    /** One hand takes from the queue that all share. */
    async function work(hand: Hand): Promise<void> {
      for (const run of left) {
        signal.throwIfAborted()
        const sample = await hand.run(run, signal)
        await store?.append(sample)
        note(sample)
      }
    }
    const working = hands.map((hand) =>
      work(hand).catch((error) => {
        failing.abort(error)
        throw error
      }),
    )
    await Promise.allSettled(working)
    signal.throwIfAborted()
  } finally {
    await Promise.all(hands.map((hand) => hand.release()))
  }
  const ordered = runs.map(({ cell, seed }) => samples.get(keyOf(cell.id, seed))!)
  return { results: resultsOf(read, cells, ordered), samples: ordered }
}
