/**
 * A token bucket as one time, by the generic cell rate algorithm (GCRA, ITU-T I.371, annex A): `emptyUntil` is when it
 * would be full again if nothing more were taken.
 *
 * What is taken within any minute, its end not counted, comes to no more than the limit: what a full bucket gives at
 * once and what runs in meanwhile are shares of it. Only one taking that is larger than the bucket comes on top, by
 * as much as it is larger: it waits for a full bucket, and all that come after wait for its debt.
 */

export const MINUTE_MS = 60_000

/** Units are calls or tokens, whole numbers of them. */
export type Bucket = {
  /** What it gives at once when it is full: 1 or more. */
  readonly depth: number
  /** Milliseconds for each unit to run in. */
  readonly intervalMs: number
}

/** @param part of the limit that may be taken at once */
export function bucketOf(perMinute: number, part: number): Bucket {
  const depth = Math.max(1, Math.floor(perMinute * part))
  return { depth, intervalMs: MINUTE_MS / (perMinute - depth + 1) }
}

/** When so many units can be taken, which may be past. */
export const readyAt = ({ depth, intervalMs }: Bucket, emptyUntil: number, units: number): number =>
  emptyUntil - (depth - Math.min(units, depth)) * intervalMs

export const taken = ({ intervalMs }: Bucket, emptyUntil: number, units: number, now: number): number =>
  Math.max(emptyUntil, now) + units * intervalMs

/** @param units negative: so many more were used than were taken */
export const givenBack = ({ intervalMs }: Bucket, emptyUntil: number, units: number): number =>
  emptyUntil - units * intervalMs

/** With nothing in it at that time but one unit. */
export const drained = ({ depth, intervalMs }: Bucket, emptyUntil: number, at: number): number =>
  Math.max(emptyUntil, at + (depth - 1) * intervalMs)
