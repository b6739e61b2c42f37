/** Kills its own process at one step of a turn, where nothing can be tidied up any more, and keeps a list of the steps. */

/** Where to die: on the way into a step, or out of it. */
export type Place = { readonly when: 'before' | 'after'; readonly step: string }

export interface Trap {
  /** Does a step, or dies beside it. */
  around<Result>(step: string, work: () => Promise<Result>): Promise<Result>
}

/** @param note keeps what was done, in a way that outlives the process */
export function setTrap(place: Place | undefined, note: (step: string) => void): Trap {
  const dieAt = (when: Place['when'], step: string) => {
    if (place?.when === when && place.step === step) process.kill(process.pid, 'SIGKILL')
  }
  return {
    async around(step, work) {
      dieAt('before', step)
      const result = await work()
      note(step)
      dieAt('after', step)
      return result
    },
  }
}
