/** Pauses of a command that goes on when whoever looks on has seen enough. */
import { createInterface } from 'node:readline/promises'

export type Pauses = {
  /** Resolves at Enter; with `end` at q or where nothing more can be typed, with `interrupted` at Ctrl-C. */
  next(): Promise<'go' | 'end' | 'interrupted'>
  close(): void
}

/** @param terminal what is typed in, and where it is shown */
export function pauses(terminal: {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}): Pauses {
  const lines = createInterface(terminal)
  const left = new Promise<'end' | 'interrupted'>((resolve) => {
    lines.once('SIGINT', () => resolve('interrupted'))
    lines.once('close', () => resolve('end'))
  })
  const asked = async () => ((await lines.question('')).trim() === 'q' ? 'end' : 'go')
  return { next: () => Promise.race([left, asked()]), close: () => lines.close() }
}
