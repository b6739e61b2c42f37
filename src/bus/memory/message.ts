/** A stored message, and when it may be delivered. */
import type { Frame } from '../frame.ts'
import type { Seat } from './seat.ts'

export type Message = {
  readonly frame: Frame
  /** Whether it counts against the capacity of its mailbox. */
  readonly opens: boolean
  /** A second delivery that the network made up: it counts for nothing. */
  readonly echo: boolean
  attempt: number
  /** When it is to be delivered: at once, after the ack wait of who holds it, or after its delay. */
  dueMs: number
  holder: Seat | undefined
}
