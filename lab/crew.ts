/** Who takes part in a run of a cell: the roles that its wiring asks for, in as many processes as its faults need. */
import { assertNever } from '../protocols/errors.ts'
import { peerId } from '../protocols/ids.ts'
import type { Seating } from '../src/peer/host-peers.ts'
import type { Role } from '../src/role/define.ts'
import type { Wiring } from '../src/topology/topology.ts'
import { checker } from './agents/checker.ts'
import { entriesOf } from './agents/shared-entry.ts'
import { solo } from './agents/solo.ts'
import { starter } from './agents/starter.ts'
import { supervisor } from './agents/supervisor.ts'
import { workerNamed } from './agents/worker.ts'
import type { Draws } from './draws.ts'
import type { Plan } from './plan.ts'
import type { Post } from './world.ts'

export type CrewOptions = {
  readonly wiring: Wiring
  readonly plan: Plan
  readonly size: number
  /** Peers that look at results, where somebody does and it is not who holds the plan. */
  readonly checkers: number
  /** Whose process dies: that of who begins and holds the plan, that of any worker, or nobody's. */
  readonly faults: string
  readonly draws: Draws
}

export type Crew = {
  readonly posts: readonly Post[]
  /** Who gets the job. */
  readonly first: Role
}

export function crewOf(options: CrewOptions): Crew {
  const { plan, size } = options
  const first = firstOf(options)
  const head = seats(first, 1)
  const roles = [...new Set(plan.tasks.map(({ role }) => role))]
  const entryOf = entriesOf(plan)
  const workers =
    options.wiring === 'solo' ? [] : roles.flatMap((role) => seats(workerNamed(role, entryOf), size))
  const others =
    options.wiring === 'peers' && plan.rounds !== null ? seats(checker(plan.rounds), options.checkers) : []
  const doomed = doomedOf(options, head, workers)
  const all = [...head, ...workers, ...others].filter((seat) => seat !== doomed)
  return {
    first,
    posts: [
      ...(all.length > 0 ? [{ name: 'crew', peers: all }] : []),
      ...(doomed === undefined ? [] : [{ name: 'doomed', peers: [doomed], isDoomed: true }]),
    ],
  }
}

function firstOf({ wiring, plan, size }: CrewOptions): Role {
  switch (wiring) {
    case 'peers':
      return starter(plan)
    case 'hub':
      return supervisor(plan, size)
    case 'solo':
      return solo(plan)
    default:
      return assertNever(wiring)
  }
}

/** Where there is but one agent it is hub and leaf. */
function doomedOf({ faults, draws }: CrewOptions, head: readonly Seating[], workers: readonly Seating[]) {
  if (faults === 'none') return undefined
  if (faults === 'hub' || workers.length === 0) return head[0]
  return workers[Math.floor(draws.share('doomed') * workers.length)]
}

const seats = (role: Role, count: number): readonly Seating[] =>
  Array.from({ length: count }, (_, index) => ({ role, peer: peerId(`${role.name}-${index + 1}`) }))
