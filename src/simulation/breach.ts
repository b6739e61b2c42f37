/** An invariant of the design that does not hold. */
export type Breach = {
  readonly invariant: 'T1' | 'T2' | 'T3' | 'T4' | 'T5' | 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'output'
  readonly text: string
}

/** Keeps the first one: what follows from it says less. */
export interface Breaches {
  note(invariant: Breach['invariant'], text: string): void
  first(): Breach | undefined
}

export function createBreaches(): Breaches {
  let first: Breach | undefined
  return {
    note(invariant, text) {
      first ??= { invariant, text }
    },
    first: () => first,
  }
}
