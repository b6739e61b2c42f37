/**
 * How long a call waits: until its caller gives up, or until nothing of the reply has come for too long, further
 * attempts included. The vendor's client cannot be left to watch over that: it sleeps through an abort between two
 * attempts, and once a stream has begun it reads for ever.
 */
import type { Clock, Timer } from '../../time/clock.ts'
import { ModelError } from '../model.ts'

export interface Patience {
  /** Aborted with the caller's reason, or with ModelError `model.timeout`. */
  readonly signal: AbortSignal
  /** Settles as the promise does, or rejects with the reason as soon as patience ends. */
  wait<Value>(promise: PromiseLike<Value>): Promise<Value>
  /** The same parts; the time its reader takes between two of them is no silence. */
  read<Part>(parts: AsyncIterable<Part>): AsyncGenerator<Part>
  end(): void
}

/** @param silenceMs longest time without a word, in milliseconds; asked whenever a silence begins */
export function createPatience(clock: Clock, silenceMs: () => number, caller?: AbortSignal): Patience {
  const controller = new AbortController()
  const { signal } = controller
  let timer: Timer | undefined

  const giveUp = () => controller.abort(caller?.reason)
  if (caller?.aborted) giveUp()
  caller?.addEventListener('abort', giveUp, { once: true })

  function listen(): void {
    const silence = silenceMs()
    timer = clock.setTimer(silence, () => {
      const message = `nothing of the reply came for ${silence} ms: try later, or give a slow model less to read (the role's "contextTokens")`
      controller.abort(new ModelError('timeout', message, { retryable: true }))
    })
  }

  return {
    signal,
    async wait(promise) {
      listen()
      let stop = () => {}
      const ended = new Promise<never>((_, reject) => {
        stop = () => reject(signal.reason)
        signal.addEventListener('abort', stop, { once: true })
        if (signal.aborted) stop()
      })
      try {
        return await Promise.race([promise, ended])
      } finally {
        timer?.cancel()
        signal.removeEventListener('abort', stop)
      }
    },
    async *read(parts) {
      listen()
      for await (const part of parts) {
        timer?.cancel()
        yield part
        listen()
      }
      timer?.cancel()
      // The vendor's stream ends without a word when it is aborted.
      signal.throwIfAborted()
    },
    end() {
      timer?.cancel()
      caller?.removeEventListener('abort', giveUp)
    },
  }
}
