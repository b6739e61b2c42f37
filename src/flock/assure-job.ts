/** What is wrong with a job and the wishes of its run, said before anything is begun. */
import { OFFLINE_MODEL, OFFLINE_PROVIDER } from '../model/offline.ts'
import { type Prices, priceOf } from '../model/prices.ts'
import { isolatedRoles } from '../topology/isolated.ts'
import type { Topology } from '../topology/topology.ts'
import type { ChosenModel } from './choose-model.ts'
import { FlockError } from './errors.ts'
import type { Job } from './job.ts'

/** A role that no edge leads to would wait for ever. @throws FlockError `flock.topology` */
export function assureTopology(job: Job): void {
  if (job.topology === undefined || job.topology.roles.length === 0) return
  assurePlaces(job.topology, job)
  const { name, overlay } = job.topology
  const alone = isolatedRoles(overlay, new Map(job.roles.map(({ role, count }) => [role.name, count])))
  if (alone.length === 0) return
  const names = alone.map((role) => `"${role}"`).join(', ')
  throw new FlockError(
    'topology',
    `the topology "${name}" has no way between ${names} and any other role: add an edge, or a stage of a pipeline`,
  )
}

function assurePlaces(topology: Topology, { roles }: Job): void {
  const missing = roles.filter(({ role, count }) => count > 0 && !topology.roles.includes(role.name))
  if (missing.length === 0) return
  const names = missing.map(({ role }) => `"${role.name}"`).join(', ')
  throw new FlockError(
    'topology',
    `the topology "${topology.name}" leaves out ${names}, which the job has: name every role of it in an edge, or in "roles"`,
  )
}

/** A name that no tool has would be asked about never, and somebody relies on it. @throws FlockError `flock.no-tool` */
export function assureTools({ roles }: Job, approve: readonly string[] = []): void {
  const names = new Set(
    roles.flatMap(({ role }) => [...role.tools, ...role.machineTools].map((tool) => tool.name)),
  )
  const unknown = approve.filter((name) => !names.has(name))
  if (unknown.length === 0) return
  throw new FlockError(
    'no-tool',
    `no role of this job has a tool ${unknown.map((name) => `"${name}"`).join(', ')} to approve: there are ${[...names].sort().join(', ')}`,
  )
}

/** Where nobody knows what a call costs, none could be made, and that is better said now. @throws FlockError `flock.no-price` */
export function assurePrices({ roles }: Job, model: ChosenModel, prices?: Prices): void {
  const named = roles.flatMap(({ role }) =>
    model.modelFor(role).provider === OFFLINE_PROVIDER
      ? [OFFLINE_MODEL]
      : [role.model.name ?? model.name, ...(role.model.fallbacks ?? model.fallbacks)],
  )
  const unknown = [...new Set(named)].filter((name) => priceOf(name, prices) === undefined)
  if (unknown.length === 0) return
  throw new FlockError(
    'no-price',
    `a limit in dollars takes the price of ${unknown.map((name) => `"${name}"`).join(', ')}, which nobody knows: add it to "prices" in the config, or limit the tokens`,
  )
}
