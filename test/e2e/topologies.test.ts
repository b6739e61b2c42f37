/** Runs under other topologies than the mesh, with real processes: along which edges their messages went, by their traces. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { graphOf } from '../../src/topology/graph.ts'
import type { Message } from '../../traces/read/story.ts'
import { breachesOf } from '../topologies/checks.ts'
import { hopsIn, strayHops, talkIn } from '../topologies/hops.ts'
import {
  finished,
  graphIn,
  startWired,
  topologyOf,
  type Wired,
  type WiredRun,
} from '../topologies/wired-run.ts'
import { openProject, type Project } from './project.ts'

const RUN_MS = 120_000

let project: Project
let workspace: string
beforeAll(async () => {
  project = await openProject()
  workspace = await project.copyOf('tiny')
})
afterAll(() => project.close())

async function under(wired: Wired): Promise<WiredRun> {
  return finished(project, await startWired(project, workspace, wired, '--peers', 'researcher=2,coder=1'))
}

describe('a ring, where work goes to the peer of its hash', () => {
  let run: WiredRun
  const wired = { topology: 'ring', placement: 'hash' } as const
  beforeAll(async () => {
    run = await under(wired)
  }, RUN_MS)

  it('completes, with one whole trace', async () => {
    expect(breachesOf(run, await topologyOf(wired), undefined)).toEqual([])
    expect(run.report.topology).toEqual({ name: 'ring', placement: 'hash' })
  })

  it('has every message go from neighbour to neighbour', async () => {
    const hops = hopsIn(run.story)
    const ring = graphIn(await topologyOf(wired), run.report)
    for (const { peer } of ring.members) expect(ring.neighbours(peer)).toHaveLength(2)
    expect(hops.length).toBeGreaterThan(talkIn(run.story).length)
    expect(strayHops(hops, ring)).toEqual([])
  })

  it('has hops that another overlay has no edges for', () => {
    const { peers } = run.report
    const line = graphOf({ kind: 'pipeline', stages: [...new Set(peers.map(({ role }) => role))] }, peers)
    expect(strayHops(hopsIn(run.story), line)).not.toEqual([])
  })
})

describe('a star', () => {
  it(
    'has its hub hand out every task and read every result',
    async () => {
      const { report, story } = await under({ topology: 'star' })
      expect(report.outcome, report.reason ?? '').toBe('completed')
      const talk = talkIn(story)
      const hub = (turn: Message['taker']) => turn?.conversation.role === 'supervisor'
      const requests = talk.filter(({ type }) => type === 'task.request')
      const results = talk.filter(({ type, sender }) => type === 'task.result' && !hub(sender))
      expect(requests.length).toBeGreaterThan(0)
      expect(requests.filter(({ sender }) => !hub(sender))).toEqual([])
      expect(results.length).toBeGreaterThanOrEqual(requests.length)
      expect(results.filter(({ taker }) => !hub(taker))).toEqual([])
    },
    RUN_MS,
  )
})
