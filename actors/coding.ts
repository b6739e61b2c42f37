/** The job that the four roles do together: a change in a workspace, from its own documents. */
import { run } from '../protocols/run.ts'
import type { Bus } from '../src/bus/bus.ts'
import type { Job } from '../src/flock/job.ts'
import type { Role } from '../src/role/define.ts'
import { importDirectory } from '../src/tools/directory.ts'
import { type Tree, writeTree } from '../src/tools/tree.ts'
import { MESH, type Topology, type Wiring } from '../src/topology/topology.ts'
import { HUB } from '../src/topology/wiring.ts'
import { coder } from './coder/index.ts'
import { planner } from './planner/index.ts'
import { researcher } from './researcher/index.ts'
import { reviewer } from './reviewer/index.ts'
import { solo } from './solo/index.ts'
import { supervisor } from './supervisor/index.ts'

/** The four roles of a job among peers, by name. */
export const actors: Readonly<Record<string, Role>> = { planner, researcher, coder, reviewer }

/** The roles that a job has, by who stands between its goal and its work. */
export const ROLES_BY_WIRING: Readonly<Record<Wiring, Readonly<Record<string, Role>>>> = {
  peers: actors,
  hub: { ...actors, [HUB.role]: supervisor },
  solo: { [solo.name]: solo },
}

/** Peers of each role that a job has unless it says otherwise. */
export const DEFAULT_PEERS: Readonly<Record<string, number>> = {
  planner: 1,
  researcher: 2,
  coder: 2,
  reviewer: 1,
}

/** How often the reviewer may send work back unless the job says otherwise. */
const ROUNDS = 4

export type CodingJobOptions = {
  /** What is wanted, in a sentence or more. */
  readonly goal: string
  /** Directory of the workspace. It is read; what comes of the run is a patch. */
  readonly workspace: string
  /** Directory of the documents, where they are not in the workspace. */
  readonly documents?: string
  /** How often a review may send work back. */
  readonly rounds?: number
  /** How its agents are wired: a mesh unless given. It says which roles there are. */
  readonly topology?: Topology | undefined
  /** Peers of each role, where they differ from the default. */
  readonly peers?: Readonly<Record<string, number>>
}

/**
 * @example
 * const report = await run(codingJob({ goal: 'Make the tests pass', workspace: './textkit' }))
 */
export function codingJob(options: CodingJobOptions): Job {
  const { goal, workspace, documents, rounds = ROUNDS, topology = MESH, peers = {} } = options
  const { wiring } = topology
  return {
    goal,
    topology,
    roles: Object.entries(ROLES_BY_WIRING[wiring]).map(([name, role]) => ({
      role,
      count: peers[name] ?? DEFAULT_PEERS[name] ?? 1,
    })),
    async prepare({ blobs }: Bus) {
      const imported = await importDirectory(blobs, workspace)
      const base = imported.hash
      const pages = documents === undefined ? imported.tree : (await importDirectory(blobs, documents)).tree
      return {
        start: {
          role: wiring === 'solo' ? solo.name : planner.name,
          message: run.messages.goal,
          body: { goal, base, rounds },
          answers: [run.messages.result],
        },
        base,
        documents: await writeTree(blobs, documentsIn(pages)),
        workspace,
      }
    },
  }
}

const documentsIn = (tree: Tree): Tree =>
  new Map([...tree].filter(([path]) => /\.(md|markdown|txt)$/i.test(path)))
