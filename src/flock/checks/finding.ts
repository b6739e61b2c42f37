/** What a check found. */
export type Finding = {
  readonly about: string
  /** `absent`: not set up, and not needed. */
  readonly state: 'works' | 'absent' | 'broken'
  readonly text: string
  /** What to do, where something can be done. */
  readonly advice?: string
}

export type Check = () => Promise<Finding>

/** A check that throws has found something broken: our errors say what to do. */
export const guarded =
  (about: string, check: Check): Check =>
  async () => {
    try {
      return await check()
    } catch (error) {
      return { about, state: 'broken', text: error instanceof Error ? error.message : String(error) }
    }
  }
