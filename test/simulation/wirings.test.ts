/** The coding job with a supervisor, and by one agent alone, in the simulator: it comes to what it comes to among peers. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { actors } from '../../actors/coding.ts'
import { SIMULATED_PEERS, simulatedJob } from '../../cli/simulated-job.ts'
import { nameOf, roleName } from '../../protocols/ids.ts'
import type { RunResult } from '../../protocols/run.ts'
import type { SimulatedFlock } from '../../src/simulation/flock.ts'
import { PROFILES } from '../../src/simulation/profile.ts'
import { type Simulation, simulate } from '../../src/simulation/world.ts'
import { systemRandom } from '../../src/time/random.ts'
import { type TopologyName, topologyNamed } from '../../src/topology/topology.ts'

const WORKSPACE = new URL('../fixtures/workspaces/tiny', import.meta.url).pathname
const FIRST = Math.floor(systemRandom().next() * 1_000_000_000)
const SEEDS = Number(process.env.SEEDS ?? 1)
type Wired = 'mesh' | 'star' | 'solo'

const ROLES = Object.keys(actors).map(roleName)
const topologyOf = (name: TopologyName) => topologyNamed(name, { roles: ROLES })

let scratch: string
let flocks: Record<Wired, SimulatedFlock>
/** In a calm world. */
let runs: Record<Wired, Simulation>
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'skein-simulation-'))
  const job = { workspace: WORKSPACE, scratch, peers: SIMULATED_PEERS }
  const mesh = await simulatedJob(job)
  flocks = {
    mesh,
    star: await simulatedJob({ ...job, topology: topologyOf('star'), like: mesh }),
    solo: await simulatedJob({ ...job, topology: topologyOf('solo'), like: mesh }),
  }
  const calm = (flock: SimulatedFlock) => simulate({ seed: 1, flock, profile: PROFILES.none })
  runs = { mesh: await calm(mesh), star: await calm(flocks.star), solo: await calm(flocks.solo) }
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

const resultOf = ({ output }: Simulation) => (output as { body: RunResult }).body

/** Who sent a type of message to whom, by conversation, in order. */
const waysOf = ({ journal }: Simulation, type: string) =>
  journal.flatMap(({ outbox }) =>
    outbox
      .filter(({ message }) => message.type === type)
      .map(({ message: { from, to } }) => `${nameOf(from.conversation)} > ${nameOf(to.conversation)}`),
  )

describe('the coding job', () => {
  it('comes to the same patch with a supervisor, by one agent alone, and among peers', () => {
    const { mesh, star, solo } = runs
    const { tree, patch } = resultOf(mesh)
    expect(resultOf(star)).toMatchObject({ outcome: 'completed', tree, patch })
    expect(resultOf(solo)).toMatchObject({ outcome: 'completed', tree, patch })
  })

  it('has every task handed out by the supervisor, and every result read by it', () => {
    const run = runs.star
    const [research, code] = ['research-time-of-day', 'code-time-of-day']
    expect(waysOf(run, 'task.request')).toEqual([`hub > ${research}`, `hub > ${code}`])
    expect(waysOf(run, 'task.result')).toEqual([
      ...[`${research} > hub`, `hub > ${code}`],
      ...[`${code} > hub`, 'hub > review'],
    ])
    const read = run.journal.filter(({ role, took }) => role === 'supervisor' && took.event === 'task.result')
    expect(read.map(({ took }) => took.to)).toEqual(['thinking', 'thinking'])
    // The plan, and each result.
    const thought = run.journal.filter(
      ({ role, took }) => role === 'supervisor' && took.event.endsWith('.chat'),
    )
    expect(thought).toHaveLength(3)
    expect(waysOf(run, 'run.result')).toEqual(['review > hub', 'hub > origin'])
  })

  it('takes one conversation and no message between agents, by one agent alone', () => {
    const run = runs.solo
    expect(new Set(run.journal.map(({ conversation }) => nameOf(conversation)))).toEqual(
      new Set(['origin', 'goal']),
    )
    expect(waysOf(run, 'run.result')).toEqual(['goal > origin'])
  })

  it.each(['star', 'solo'] as const)(
    `breaks no invariant and comes to the same patch under %s, whatever befalls it: from seed ${FIRST}`,
    { timeout: 600_000 },
    async (name) => {
      for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
        const { breach } = await simulate({ seed, flock: flocks[name], profile: PROFILES.storm })
        expect(breach, `seed ${seed}`).toBeUndefined()
      }
    },
  )

  it('ends as among peers where a task cannot be done', async () => {
    const workspace = join(scratch, 'without-documents')
    await cp(WORKSPACE, workspace, { recursive: true, filter: (path) => !path.endsWith('.md') })
    const hopeless = (name: TopologyName) =>
      simulatedJob({
        ...{ workspace, scratch, peers: SIMULATED_PEERS, topology: topologyOf(name), like: flocks.mesh },
      }).then(
        () => 'it was done',
        (error: Error) => error.message,
      )
    const [mesh, star, solo] = [await hopeless('mesh'), await hopeless('star'), await hopeless('solo')]
    expect(mesh).toMatch(/code-time-of-day: the documents hold no code that exports timeOfDay/)
    expect(star).toBe(mesh)
    expect(solo).toBe(mesh.replace(' (model.gave-up)', ''))
  })
})
