/** One thing at a time for each key, in the order of asking; different keys do not wait for each other. */
export interface Lanes {
  run<Result>(key: string, work: () => Promise<Result>): Promise<Result>
  /** Resolves when nothing is under way or waiting. */
  idle(): Promise<void>
}

export function createLanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run(key, work) {
      const result = (tails.get(key) ?? Promise.resolve()).then(work)
      const tail = result.then(
        () => {},
        () => {},
      )
      tails.set(key, tail)
      void tail.then(() => {
        if (tails.get(key) === tail) tails.delete(key)
      })
      return result
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values())
    },
  }
}
