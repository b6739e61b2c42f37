/** A machine's own call that a person did not allow: what they said is in the message, and worth another try. */
import type { EffectError } from '../turn/effects.ts'

/** The code of what is denied. */
export const DENIED = 'tool.denied'

/** @param error what a machine's `onError` has */
export const isDenied = (error: unknown): boolean =>
  (error as Partial<EffectError> | undefined)?.code === DENIED
