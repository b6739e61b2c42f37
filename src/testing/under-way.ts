/**
 * What tools and models do in the real world while time is virtual: it stands still until they are done, or wait for
 * it themselves. What they do without leaving the process is done in no time at all.
 */
import type { Clock } from '../time/clock.ts'
import { drainMicrotasks } from '../time/microtasks.ts'
import { systemClock } from '../time/system-clock.ts'
import { TestingError } from './errors.ts'

export interface UnderWay {
  /** @param what for people. @param clock of the process it is done in */
  begin(what: string, clock: Clock): Piece
  /** Resolves when nothing can happen any more without time passing. @throws TestingError `testing.real-time` */
  quiet(): Promise<void>
}

/** One call of a tool, or of a model. */
export interface Piece {
  /** To wait by: virtual time goes on while a timer of it is set. */
  readonly clock: Clock
  /** Work that virtual time stands still for. */
  work<Result>(promise: Promise<Result>): Promise<Result>
  /** A part of it that waits for what virtual time brings. */
  wait<Result>(promise: Promise<Result>): Promise<Result>
}

/** @param realTimeMs longest time that anything may take, in milliseconds of the clock on the wall */
export function createUnderWay(realTimeMs: number): UnderWay {
  const pieces = new Map<{ waiting: number }, string>()
  let wake = () => {}

  function waitingClock(clock: Clock, piece: { waiting: number }): Clock {
    return {
      now: () => clock.now(),
      setTimer(delayMs, fire) {
        let isSet = true
        const over = () => {
          if (isSet) piece.waiting--
          isSet = false
        }
        piece.waiting++
        const timer = clock.setTimer(delayMs, () => {
          over()
          fire()
        })
        wake()
        return {
          cancel() {
            over()
            timer.cancel()
          },
        }
      },
    }
  }

  return {
    begin(what, clock) {
      const piece = { waiting: 0 }
      return {
        clock: waitingClock(clock, piece),
        async work(promise) {
          pieces.set(piece, what)
          try {
            return await promise
          } finally {
            pieces.delete(piece)
            wake()
          }
        },
        async wait(promise) {
          piece.waiting++
          wake()
          try {
            return await promise
          } finally {
            piece.waiting--
          }
        },
      }
    },
    async quiet() {
      for (;;) {
        await drainMicrotasks()
        const busy = [...pieces].filter(([{ waiting }]) => waiting === 0)
        if (busy.length === 0) return
        await new Promise<void>((resolve, reject) => {
          const late = systemClock().setTimer(realTimeMs, () =>
            reject(
              new TestingError(
                'real-time',
                `${busy.map(([, what]) => what).join(', ')} took longer than ${realTimeMs} ms of real time, while virtual time stood still. Raise "realTimeMs" of the mesh where that is right; for a tool that never ends take fault.hang`,
              ),
            ),
          )
          wake = () => {
            late.cancel()
            resolve()
          }
        })
      }
    },
  }
}
