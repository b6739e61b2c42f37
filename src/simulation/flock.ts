/** What is simulated: a job, the roles that do it, and when its result is what it should be. */
import type { BlobHash } from '../../protocols/ids.ts'
import type { Outcome } from '../../protocols/run.ts'
import type { Blobs } from '../bus/blobs.ts'
import type { ProcessPorts } from '../peer/process.ts'
import type { Role } from '../role/define.ts'
import type { OriginOutput } from '../run/origin.ts'
import type { Limits } from '../run/quota.ts'
import type { Start } from '../run/submit-run.ts'
import type { Topology } from '../topology/topology.ts'
import type { Hosted } from './process.ts'
import type { RealWork } from './real-work.ts'

export type SimulatedFlock = {
  /** Each peer is a process of its own. */
  readonly crew: readonly { readonly role: Role; readonly count: number }[]
  readonly start: Start
  /** Somebody who is asked, in a process of their own; nobody is there unless given. */
  readonly people?: (ports: ProcessPorts) => Promise<Hosted>
  /** How its agents are wired: everybody with everybody unless given. */
  readonly topology?: Topology
  /** Longest chain of messages: as ever, unless given. */
  readonly hops?: number
  /** What it may spend; no accounts of it are kept without. */
  readonly limits?: Limits
  readonly base?: BlobHash
  readonly documents?: BlobHash
  /** Blobs that are there at once and never fail. */
  readonly blobs: Blobs
  /** What its tools do in the real world. */
  readonly work?: RealWork
  /** How its run ends where nobody answers: that is a breach unless given. */
  readonly unanswered?: Outcome
  /** What came of it, in a word or two, to be counted. */
  readonly outcomeOf: (output: OriginOutput) => string
  /** What is wrong with the answer to the run's first message, or undefined. */
  readonly check: (output: OriginOutput) => string | undefined
}
