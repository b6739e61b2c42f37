/**
 * Work of the real world in a simulation: what a command gives is a function of what it is run on, so it is run once
 * and remembered for all seeds. Virtual time stands still while it is under way.
 */
export interface RealWork {
  /** What the work of this name gives, now or the first time. */
  once<Result>(name: string, work: () => Promise<Result>): Promise<Result>
  /** Resolves when nothing is under way; undefined where nothing is. */
  underWay(): Promise<void> | undefined
}

export function realWork(): RealWork {
  const known = new Map<string, Promise<unknown>>()
  const open = new Set<Promise<unknown>>()
  return {
    once<Result>(name: string, work: () => Promise<Result>) {
      const begun = known.get(name) ?? work()
      if (!known.has(name)) {
        known.set(name, begun)
        open.add(begun)
        const close = () => void open.delete(begun)
        begun.then(close, close)
      }
      return begun as Promise<Result>
    },
    underWay: () => (open.size === 0 ? undefined : Promise.allSettled([...open]).then(() => {})),
  }
}
