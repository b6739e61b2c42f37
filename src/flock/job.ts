/** A job: a goal, and the flock that can reach it. What the work is, its author knows; `run` only brings it about. */
import type { BlobHash } from '../../protocols/ids.ts'
import type { Bus } from '../bus/bus.ts'
import type { Role } from '../role/define.ts'
import type { Start } from '../run/submit-run.ts'
import type { Topology } from '../topology/topology.ts'

export type Job = {
  /** For people. */
  readonly goal: string
  readonly roles: readonly { readonly role: Role; readonly count: number }[]
  /** How its agents are wired: a mesh unless given. Whatever talks must be among its roles, where it names any. */
  readonly topology?: Topology
  /** Puts what the work needs on the bus, and answers what the run begins with. */
  prepare(bus: Bus): Promise<PreparedJob>
}

export type PreparedJob = {
  readonly start: Start
  /** The workspace before any work, and the documents, as trees. */
  readonly base?: BlobHash
  readonly documents?: BlobHash
  /** The directory that the workspace was taken from. */
  readonly workspace?: string
}
