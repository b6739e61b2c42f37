/** What a check found wrong. */
export type Finding = {
  /** What should hold. */
  readonly check: string
  readonly expected: string
  readonly seen: string
}
