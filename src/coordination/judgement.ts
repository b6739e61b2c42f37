/** What a debate comes to (`debate.ts`): who holds what, whether all agree, and what wins. Pure. */

/** What a debater said last. */
export type Standing<Position> = {
  /** Its conversation, by its name. */
  readonly debater: string
  /** The round that it said so in. */
  readonly round: number
  readonly position: Position
}

/** By what positions are told apart: those of the same key are one, whatever their reasons. */
export type KeyOf<Position> = (position: Position) => string

/**
 * From what everybody holds in the end to the position that wins, or null where none does. Pure; standings are in the
 * order of the debaters.
 */
export type Judge<Position> = (standings: readonly Standing<Position>[]) => Position | null

/** Who holds the same, those whom most hold first. */
function camps<Position>(
  standings: readonly Standing<Position>[],
  keyOf: KeyOf<Position>,
): readonly (readonly Standing<Position>[])[] {
  const keys = [...new Set(standings.map(({ position }) => keyOf(position)))]
  return keys
    .map((key) => standings.filter(({ position }) => keyOf(position) === key))
    .sort((a, b) => b.length - a.length)
}

/** Whether there is one position only, and more than half of the debaters hold it. */
export const allAgree = <Position>(
  standings: readonly Standing<Position>[],
  debaters: number,
  keyOf: KeyOf<Position>,
): boolean => standings.length > debaters / 2 && camps(standings, keyOf).length === 1

/** Judges by what most hold: null where as many hold another. */
export const byMajority =
  <Position>(keyOf: KeyOf<Position>): Judge<Position> =>
  (standings) => {
    const [most, second] = camps(standings, keyOf)
    return most === undefined || most.length === second?.length ? null : most[0]!.position
  }
