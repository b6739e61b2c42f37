/** Sees rallies end where it costs nothing: a conversation that closes has a span that says how. */
import { GEN_AI, SKEIN } from '../traces/names.ts'
import type { Span, SpanSink } from '../traces/span.ts'
import { BenchError } from './errors.ts'

export interface Endings {
  /** For the host of the pings. */
  readonly sink: SpanSink
  /** Resolves when so many more rallies have ended well. @throws BenchError `bench.rally-failed` */
  next(rallies: number): Promise<void>
}

export function createEndings(): Endings {
  let left = 0
  let resolve = () => {}
  let reject = (_: BenchError) => {}

  function look({ attributes, status }: Span): void {
    if (attributes[GEN_AI.conversationId] === undefined) return
    if (attributes[SKEIN.outcome] !== 'done')
      reject(new BenchError('rally-failed', `a rally ended badly: ${status?.message}`))
    else if (--left === 0) resolve()
  }

  return {
    sink: { emit: (spans) => spans.forEach(look), close: async () => {} },
    next: (rallies) =>
      new Promise((done, failed) => {
        left = rallies
        resolve = done
        reject = failed
      }),
  }
}
