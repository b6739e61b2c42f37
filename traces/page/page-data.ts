/** What a page's script is given: the spans in columns, and what each view draws of them. All numbers are places. */
import type { PackedSpans } from './packed-spans.ts'
import type { Sequence } from './sequence.ts'
import type { States } from './states.ts'
import type { Topology } from './topology.ts'
import type { PageFold } from './waterfall.ts'

export type PageData = {
  /** Each text of the columns, once. */
  readonly texts: readonly string[]
  /** Milliseconds since 1970. */
  readonly startMs: number
  readonly lengthMs: number
  /** In the order in which they first did something; views give them colours by it. */
  readonly roles: readonly string[]
  readonly peers: readonly PagePeer[]
  readonly spans: PackedSpans
  readonly folds: readonly PageFold[]
  readonly sequence: Sequence
  readonly topology: Topology
  readonly states: States
}

export type PagePeer = {
  readonly name: string
  /** The name without the run's id, which an origin bears. */
  readonly label: string
  /** Place among the roles; −1 where it is not known. */
  readonly role: number
}
