/** What is different between two values of JSON, path by path. */
import { isDeepStrictEqual } from 'node:util'

export type ValueChange = {
  /** `transcript[3].text`; empty where the values as a whole differ. */
  readonly path: string
  /** Undefined where there is nothing. */
  readonly before: unknown
  readonly after: unknown
}

/** In the order of the values' own keys: what is changed or gone first, then what is new. */
export function* changesBetween(before: unknown, after: unknown, path = ''): Generator<ValueChange, void> {
  if (isDeepStrictEqual(before, after)) return
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      yield* changesBetween(before[index], after[index], `${path}[${index}]`)
  } else if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    for (const key of keys)
      yield* changesBetween(before[key], after[key], path === '' ? key : `${path}.${key}`)
  } else yield { path, before, after }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
