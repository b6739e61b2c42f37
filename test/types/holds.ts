/** Statements about types: what is false does not compile. */

/** Whether two types are the same, `any` and `never` included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Says that a statement is true. */
export const holds = <_Statement extends true>(): void => {}
