/** Waiting for something no longer than it is wanted, without leaving a listener behind; and for nothing but that. */

/** As the promise, or rejects with the signal's reason, whichever is first. What the promise comes to later is dropped. */
export function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    const forget = () => signal.removeEventListener('abort', abort)
    promise.then(resolve, reject).finally(forget)
  })
}

/** Resolves when the signal is aborted, or was. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
