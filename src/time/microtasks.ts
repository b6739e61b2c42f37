/** Lets everything that is ready run: resolves when no promise continuation is left, without any time passing. */
export const drainMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
