/** Being told to stop: the first signal asks, the second does not. */
import { constants } from 'node:os'

export type Stop = {
  readonly signal: AbortSignal
  /** Which signal it was, if any. */
  by(): NodeJS.Signals | undefined
}

/** What a shell reports of a process that a signal ended. */
export const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

/** @param ignored signals that are not for this process: a terminal sends its own to all that run in it */
export function stopOnSignals(ignored: readonly NodeJS.Signals[] = []): Stop {
  const stop = new AbortController()
  let by: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ignored.includes(signal)) return
      if (stop.signal.aborted) process.exit(exitCodeOf('SIGINT'))
      by = signal
      stop.abort()
    })
  }
  return { signal: stop.signal, by: () => by }
}
