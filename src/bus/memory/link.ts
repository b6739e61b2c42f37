/**
 * One client's way to the network and back. Here faults strike, answers get lost, a client that sleeps is spared what
 * arrives until it wakes, and one that crashed falls silent: none of its promises settles any more, since a dead
 * process's continuations never resume.
 *
 * Without a fault a request is carried out as it is made and answered in a microtask: no timer, no turn of any loop.
 */
import type { Clock } from '../../time/clock.ts'
import { AmbiguousError, UnavailableError } from '../errors.ts'
import type { Fault, Faults, Operation } from './faults.ts'

export type Request = Omit<Operation, 'client'>

/** Something a client has open: a reader, a watch, a subscription. */
export type Opened = {
  /** The client leaves. */
  end(): void
  /** The client died. */
  freeze(): void
  /** The client is reached again. */
  resume?(): void
}

export interface Link {
  /** Whether the client lives and is not cut off. */
  reachable(): boolean
  /** @throws UnavailableError when the client has left. */
  requireOpen(): void
  /** What is to happen to an operation of this client. */
  fault(request: Request): Fault
  /** Runs `arrive` after the delay, at once if there is none. */
  after(delayMs: number | undefined, arrive: () => void): void
  /** Gives the client what has arrived for it: now, or when it wakes. */
  hand(take: () => void): void
  /** A request: carried out once, answered with what `apply` returns or throws, or not at all. */
  ask<T>(request: Request, apply: (fault: Fault) => T): Promise<T>
  /** A word to the bus that has no answer. */
  tell(request: Request, apply: () => void): Promise<void>
  /** Brings a signal to the client, or not. */
  carry(name: string, key: string, arrive: () => void): void
  /** An answer the client can give itself. */
  local<T>(value: T): Promise<T>
  /** Remembers what is to be ended with the client, and returns how to forget it. */
  opened(thing: Opened): () => void
}

/** The network's end of a link. */
export interface LinkControl extends Link {
  close(): Promise<void>
  crash(): void
  cut(): void
  heal(): void
  pause(): void
  resume(): void
}

export type LinkOptions = {
  readonly client: string
  readonly clock: Clock
  readonly faults: Faults
  readonly requestTimeoutMs: number
  /** A fault has killed the client. */
  readonly onCrash: () => void
}

const never = <T>() => new Promise<T>(() => {})

export function createLink(options: LinkOptions): LinkControl {
  const { client, clock, faults, requestTimeoutMs, onCrash } = options
  let state: 'up' | 'cut' | 'closed' | 'crashed' = 'up'
  const things = new Set<Opened>()
  /** What arrived for a client that sleeps, in order; absent while it is awake. */
  let asleep: (() => void)[] | undefined

  const reachable = () => state === 'up'
  const isDead = () => state === 'crashed'
  const fault = (request: Request) => faults({ ...request, client })

  function after(delayMs: number | undefined, arrive: () => void): void {
    if (delayMs) clock.setTimer(delayMs, arrive)
    else arrive()
  }

  function hand(take: () => void): void {
    if (asleep) asleep.push(take)
    else take()
  }

  function crash(): void {
    if (state === 'closed') return
    state = 'crashed'
    asleep = undefined
    for (const thing of [...things]) thing.freeze()
    things.clear()
  }

  /** Whether a fault kills the client now. Who left is not killed any more, nor who is dead. */
  function dies(struck: Fault, moment: Fault['crash']): boolean {
    if (struck.crash !== moment || state === 'closed' || isDead()) return false
    crash()
    onCrash()
    return true
  }

  function requireOpen(): void {
    if (state === 'closed') throw new UnavailableError(`the bus of "${client}" is closed: connect again`)
  }

  function unanswered({ kind, name, key }: Request): Error {
    const what = `${name} "${key}"`
    if (kind === 'write') return new AmbiguousError(what)
    return new UnavailableError(`no answer to ${what} within ${requestTimeoutMs} ms: try again`)
  }

  function exchange<T>(request: Request, apply: (fault: Fault) => T): Promise<T> {
    const struck = fault(request)
    if (dies(struck, 'before')) return never()
    const isPlain = state === 'up' && !struck.delayMs && !struck.answerMs && !struck.unanswered
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        if (!isDead()) hand(() => reject(unanswered(request)))
      }
      const timeout = isPlain ? undefined : clock.setTimer(requestTimeoutMs, giveUp)
      const answer = (settle: () => void) => {
        if (struck.unanswered || dies(struck, 'after')) return
        after(struck.answerMs, () => {
          if (state === 'cut' || isDead()) return
          timeout?.cancel()
          hand(settle)
        })
      }
      if (state === 'cut') return
      after(struck.delayMs, () => {
        // What a client wrote before it died or left still arrives; what it read is of no use to anybody.
        if (state === 'cut' || (request.kind === 'read' && !reachable())) return
        try {
          const value = apply(struck)
          answer(() => resolve(value))
        } catch (error) {
          answer(() => reject(error))
        }
      })
    })
  }

  return {
    reachable,
    requireOpen,
    fault,
    after,
    hand,
    async ask(request, apply) {
      requireOpen()
      return isDead() ? never() : exchange(request, apply)
    },
    async tell(request, apply) {
      requireOpen()
      if (isDead()) await never()
      if (state === 'cut') return
      const struck = fault(request)
      if (dies(struck, 'before')) await never()
      if (struck.drop) return
      after(struck.delayMs, () => {
        if (state === 'cut') return
        apply()
        dies(struck, 'after')
      })
      if (isDead()) await never()
    },
    carry(name, key, arrive) {
      const { drop, duplicate, delayMs } = fault({ kind: 'signal', name, key })
      if (drop) return
      const copies = duplicate ? 2 : 1
      for (let copy = 0; copy < copies; copy++) after(delayMs, () => reachable() && arrive())
    },
    local: (value) => (isDead() ? never() : Promise.resolve(value)),
    opened(thing) {
      things.add(thing)
      return () => things.delete(thing)
    },
    close() {
      if (isDead()) return never()
      for (const thing of [...things]) thing.end()
      state = 'closed'
      return Promise.resolve()
    },
    crash,
    cut() {
      if (state === 'up') state = 'cut'
    },
    heal() {
      if (state !== 'cut') return
      state = 'up'
      for (const thing of [...things]) thing.resume?.()
    },
    pause() {
      asleep ??= []
    },
    resume() {
      // What arrives meanwhile comes behind the rest.
      for (const take of asleep ?? []) take()
      asleep = undefined
    },
  }
}
