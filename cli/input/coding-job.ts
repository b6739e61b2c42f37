/** The coding job as somebody wishes for it: what was given, on top of the config. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ACTOR_NAMES } from '../../actors/catalogue.ts'
import { actors, codingJob } from '../../actors/index.ts'
import { roleName } from '../../protocols/ids.ts'
import type { Job } from '../../src/flock/job.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { CliError } from './error.ts'
import { parsePeerCounts } from './peer-counts.ts'
import { type Roles, roleNamed } from './roles.ts'
import type { Settings } from './settings.ts'
import { type TopologyWish, wishedTopology } from './topology.ts'

/** When a run is stopped that nobody gave a time. */
export const DEFAULT_TIMEOUT = '10m'

export type JobWish = {
  readonly goal: string
  readonly workspace: string
  readonly documents?: string | undefined
  readonly rounds?: number | undefined
  readonly peers?: string | undefined
} & TopologyWish

/** The coding job, and peers of one's own roles that shall be there as well. */
export async function wishedJob(wish: JobWish, { config }: Settings, roles: Roles): Promise<Job> {
  const wished = wish.peers === undefined ? {} : parsePeerCounts(wish.peers)
  const peers = { ...config.peers, ...wished }
  const more = Object.entries(peers)
    .filter(([name]) => !ACTOR_NAMES.includes(name))
    .map(([name, count]) => ({ role: roleNamed(name, roles), count }))
  const documents = wish.documents ?? config.documents
  const rounds = wish.rounds ?? config.rounds
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 0)) {
    throw new CliError('rounds', 'the number of rounds must be a whole one, 0 or more')
  }
  const topology = await wishedTopology(
    { topology: wish.topology ?? config.topology, placement: wish.placement ?? config.placement },
    [...Object.keys(actors), ...more.map(({ role }) => role.name)].map(roleName),
    [...roles.keys()].map(roleName),
  )
  const job = codingJob({
    topology,
    goal: wish.goal,
    workspace: await directory(wish.workspace, 'workspace'),
    ...(documents !== undefined && { documents: await directory(documents, 'documents') }),
    ...(rounds !== undefined && { rounds }),
    peers,
  })
  const crew = [...job.roles, ...more]
  assureTheyWork(wished, topology, crew)
  return { ...job, roles: crew }
}

/** The config may name peers that not every topology has; who names them for one run expects them there. */
function assureTheyWork(wished: Record<string, number>, { name }: Topology, crew: Job['roles']): void {
  const roles = crew.map(({ role }) => role.name as string)
  const idle = Object.entries(wished).find(([role, count]) => count > 0 && !roles.includes(role))
  if (idle === undefined) return
  throw new CliError(
    'peers',
    `under the topology "${name}" no ${idle[0]} has anything to do: its roles are ${roles.join(', ')}`,
  )
}

async function directory(path: string, what: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return resolve(path)
  const problem = found === undefined ? 'does not exist' : 'is no directory'
  throw new CliError(what, `the ${what} "${path}" ${problem}: give the path of a directory`)
}
