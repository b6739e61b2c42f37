/** A run by the command line under a topology and a placement, its peers in processes of their own, and its trace. */
import { readFile } from 'node:fs/promises'
import { actors } from '../../actors/coding.ts'
import { wishedTopology } from '../../cli/input/topology.ts'
import { type RunId, roleName, runId } from '../../protocols/ids.ts'
import { type RunReport, readReport } from '../../src/flock/run-report.ts'
import { type Graph, graphOf } from '../../src/topology/graph.ts'
import type { Placement, Topology } from '../../src/topology/topology.ts'
import { flawsOf } from '../../traces/read/flaws.ts'
import { type Story, storyOf } from '../../traces/read/story.ts'
import { traceTree } from '../../traces/read/tree.ts'
import { type Project, spansOf } from '../e2e/project.ts'
import type { SkeinProcess } from '../e2e/skein-process.ts'

export type Wired = {
  /** A name, or the path of a file. */
  readonly topology: string
  readonly placement?: Placement | undefined
}

/** What is left of a run, read from its files. */
export type WiredRun = {
  readonly report: RunReport
  readonly patch: string | undefined
  readonly story: Story
  /** What is wrong with its trace as such. */
  readonly flaws: readonly string[]
}

export type Started = { readonly run: RunId; readonly process: SkeinProcess }

const GOAL = 'Make the failing tests pass'

/** @throws Error with what it said, where it does not begin */
export async function startWired(
  project: Project,
  workspace: string,
  { topology, placement }: Wired,
  ...flags: readonly string[]
): Promise<Started> {
  const wiring = ['--topology', topology, ...(placement === undefined ? [] : ['--placement', placement])]
  const where = ['--workspace', workspace, '--model', 'offline']
  const process = project.skein(['run', GOAL, ...where, ...wiring, ...flags])
  const [, run] = await process.says(/^(r-\S+) begins/)
  return { run: runId(run!), process }
}

/** @throws FlockError `flock.no-run` where it left no report */
export async function finished(project: Project, { run, process }: Started): Promise<WiredRun> {
  await process.ended
  const report = await readReport(project.stateDir, run)
  const spans = await spansOf(report)
  return {
    report,
    patch: report.patch === null ? undefined : await readFile(report.patch, 'utf8'),
    story: storyOf(traceTree(spans)),
    flaws: flawsOf(spans),
  }
}

/** The topology that the command line makes of it. */
export function topologyOf({ topology, placement }: Wired): Promise<Topology> {
  const roles = Object.keys(actors).map(roleName)
  return wishedTopology({ topology, placement }, roles, [...roles, roleName('solo')])
}

/** Its overlay over the peers of a run of which none came or went. */
export const graphIn = ({ overlay, roles }: Topology, { peers }: RunReport): Graph =>
  graphOf(
    overlay,
    peers.filter(({ role }) => roles.length === 0 || roles.includes(role)),
  )
