/**
 * What is compared: the same work done with skein, and with the bare client. Each side has an end here, which is
 * timed, and one in another process, which answers.
 */
import { BenchError } from './errors.ts'

export interface Side {
  /** Plays rallies of so many hits, all at once; resolves when the last answer of the last one is recorded. */
  play(rallies: number, hits: number): Promise<void>
  /** Sends signals; resolves when the other end has got the last. @throws BenchError `bench.signals-lost` */
  shout(signals: number): Promise<void>
  leave(): Promise<void>
}

export interface OtherEnd {
  leave(): Promise<void>
}

/** Messages of so many rallies: the serve of each, then one there and one back for every hit. */
export const messagesOf = (rallies: number, hits: number): number => rallies * (1 + 2 * hits)

/** Signals sent in a row before the connection gets its turn. */
export const BREATH = 64

/** A measurement with losses would be of something else. */
export function checkHeard(heard: string | undefined, sent: number): void {
  if (Number(heard) === sent) return
  throw new BenchError('signals-lost', `${heard ?? 0} of ${sent} signals arrived: send fewer at once`)
}
