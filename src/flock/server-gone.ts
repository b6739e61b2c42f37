/** For who only looks: whether the private server that it looks at is gone. A later one listens elsewhere. */
import { findEmbeddedNats } from '../embedded/embedded.ts'
import { type Clock, sleep } from '../time/clock.ts'
import { untilAborted } from '../time/or-aborted.ts'

/** Between two looks. */
const LOOK_MS = 1_000

export type ServerGoneOptions = {
  readonly stateDir: string
  /** Where it listened. */
  readonly url: string
  readonly clock: Clock
  /** Aborted when something happened to the connection: nobody looks before. */
  readonly lost: AbortSignal
  /** Ends the waiting. */
  readonly signal: AbortSignal
}

/** Resolves when the server is gone, or the signal was aborted: check the signal. */
export async function serverGone({ stateDir, url, clock, lost, signal }: ServerGoneOptions): Promise<void> {
  await untilAborted(AbortSignal.any([lost, signal]))
  while (!signal.aborted && (await findEmbeddedNats(stateDir))?.url === url) {
    await sleep(clock, LOOK_MS, signal)
  }
}
