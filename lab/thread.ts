/** A thread of a lab: runs what it is told, one after another, until it is ended. */
import { parentPort, workerData } from 'node:worker_threads'
import { cellsOf, type Read } from './experiment.ts'
import type { Answer, Order } from './hands.ts'
import { runCell } from './run-cell.ts'

const cells = cellsOf(workerData as Read)

parentPort?.on('message', ({ cell, seed }: Order) => {
  const say = (answer: Answer) => parentPort?.postMessage(answer)
  runCell(cells[cell]!, seed).then(
    (sample) => say({ kind: 'sample', sample }),
    (error) => say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  )
})
