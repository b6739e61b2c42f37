/** A stored message, and when it may be delivered. */
import type { Frame } from '../frame.ts'
import type { Seat } from './seat.ts'

export type Message = {
  readonly frame: Frame
  /** A second delivery that the network made up: it counts for neither depth nor capacity. */
  readonly echo: boolean
  attempt: number
  /** When it is to be delivered: at once, after the ack wait of who holds it, or after its delay. */
  dueMs: number
  holder: Seat | undefined
}
