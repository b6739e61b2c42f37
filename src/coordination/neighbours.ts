/** Who sees whom in a debate: a function of who there is, by their places from 0. */

/** @returns places of those whom the one at `place` sees; itself, and places that there are not, do not count */
export type Neighbours = (place: number, size: number) => readonly number[]

/** Everybody sees everybody: a mesh. */
export const everyone: Neighbours = (_, size) => Array.from({ length: size }, (_, other) => other)

/** Everybody sees the one before and the one after him. */
export const besideInRing: Neighbours = (place, size) => [(place + size - 1) % size, (place + 1) % size]

/** The neighbours of a place, each once, in order. */
export const besides = (neighbours: Neighbours, place: number, size: number): readonly number[] => {
  const seen = new Set(neighbours(place, size))
  return everyone(place, size).filter((other) => other !== place && seen.has(other))
}
