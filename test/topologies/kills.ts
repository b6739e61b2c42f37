/** Killing the hub of a star against killing any one peer of a mesh: what each costs, with somebody in its place and without. */
import { actors, DEFAULT_PEERS } from '../../actors/coding.ts'
import { type RoleName, roleName } from '../../protocols/ids.ts'
import type { Clock } from '../../src/time/clock.ts'
import { HUB_ROLE } from '../../src/topology/shapes/star.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { inProject } from './in-project.ts'
import { longestPause, runAndKill } from './kill.ts'
import { finished, startWired, type WiredRun } from './wired-run.ts'

export type KillFigures = {
  readonly topology: string
  /** Undefined of the run that nobody disturbs. */
  readonly role: RoleName | undefined
  readonly peer: string | undefined
  /** Whether another process of the role was started. */
  readonly replaced: boolean
  readonly outcome: string
  readonly durationMs: number
  readonly pauseMs: number
  readonly messages: number
  /** What bounded it, where it did not complete before. */
  readonly gaveUpAfterMs: number | undefined
  readonly breaches: readonly string[]
}

const VICTIMS = {
  star: [HUB_ROLE],
  mesh: Object.keys(actors).map(roleName),
} as const satisfies Record<string, readonly RoleName[]>

type Topology = keyof typeof VICTIMS
export const KILL_TOPOLOGIES = Object.keys(VICTIMS) as Topology[]

/** A run is given up after so many times what it takes undisturbed, and not before a minute. */
const PATIENCE = 4
const LEAST_PATIENCE_MS = 60_000
/** Of the messages of an undisturbed run. */
const KILLED_AFTER = 1 / 3

export type KillsOptions = {
  readonly workspace: string
  readonly topologies: readonly string[]
  readonly tell: (figures: KillFigures) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** @throws the signal's reason, once nothing of it is left */
export async function compareKills(options: KillsOptions): Promise<readonly KillFigures[]> {
  const { workspace, topologies, tell, clock, signal } = options
  const all: KillFigures[] = []
  const note = (figures: KillFigures) => {
    all.push(figures)
    tell(figures)
  }
  for (const topology of KILL_TOPOLOGIES.filter((name) => topologies.includes(name))) {
    const calm = await inProject(signal, async (project) =>
      finished(project, await startWired(project, workspace, { topology })),
    )
    note({ ...figuresOf(topology, calm), breaches: breachesOf(calm, calm, true) })
    const timeoutMs = Math.max(LEAST_PATIENCE_MS, Math.round(calm.report.durationMs * PATIENCE))
    const after = Math.ceil(calm.report.messages * KILLED_AFTER)
    for (const role of VICTIMS[topology]) {
      for (const replaced of [true, false]) {
        const hasOther = replaced || (DEFAULT_PEERS[role] ?? 1) > 1
        const figures = await inProject(signal, async (project) => {
          const given = { project, workspace, wired: { topology }, role, after, replaced, timeoutMs }
          const run = await runAndKill({ ...given, clock, signal })
          return {
            ...figuresOf(topology, run),
            peer: run.killed.peer,
            gaveUpAfterMs: run.report.outcome === 'completed' ? undefined : timeoutMs,
            breaches: breachesOf(run, calm, hasOther),
          }
        }).catch((error: unknown) => {
          signal.throwIfAborted()
          return { ...nothingOf(topology), breaches: [`nobody was killed: ${(error as Error).message}`] }
        })
        note({ ...figures, role, replaced })
      }
    }
  }
  return all
}

const nothingOf = (topology: string): KillFigures => ({
  ...{ topology, role: undefined, peer: undefined, replaced: false, gaveUpAfterMs: undefined },
  ...{ outcome: 'none', durationMs: 0, pauseMs: 0, messages: 0, breaches: [] },
})

const figuresOf = (topology: string, { report, story }: WiredRun): KillFigures => ({
  ...nothingOf(topology),
  outcome: report.outcome,
  durationMs: report.durationMs,
  pauseMs: longestPause(story),
  messages: report.messages,
})

/** @param hasToEnd somebody of each role was there to go on */
const breachesOf = (
  { report, patch, flaws }: WiredRun,
  calm: WiredRun,
  hasToEnd: boolean,
): readonly string[] => [
  ...(report.outcome === 'completed' || !hasToEnd ? [] : [`it is ${report.outcome}: ${report.reason}`]),
  ...(report.outcome !== 'completed' || patch === calm.patch
    ? []
    : ['its patch is another than undisturbed']),
  ...flaws,
]

export const KILLS_HEAD = ['TOPOLOGY', 'KILLED', 'ANOTHER', 'OUTCOME', 'TIME', 'PAUSE', 'CHECKS']

export const killsRow = (figures: KillFigures): string[] => [
  figures.topology,
  figures.peer ?? '',
  figures.role === undefined ? '' : figures.replaced ? 'after 5 s' : 'none',
  outcomeOf(figures),
  shortDuration(figures.durationMs),
  shortDuration(figures.pauseMs),
  figures.breaches.length === 0 ? 'hold' : `${figures.breaches.length} fail`,
]

export function killsLine(figures: KillFigures): string {
  const { topology, role, peer, replaced, durationMs, pauseMs, breaches } = figures
  const what =
    role === undefined
      ? 'undisturbed'
      : `${peer} killed, ${replaced ? 'another after 5 s' : 'no other started'}`
  const text = `${breaches.length === 0 ? '✓' : '✗'} ${topology}: ${what}: ${outcomeOf(figures)}`
  const times = `${shortDuration(durationMs)}, longest pause ${shortDuration(pauseMs)}`
  return [`${text}, ${times}`, ...breaches.map((breach) => `    ${breach}`)].join('\n')
}

const outcomeOf = ({ outcome, gaveUpAfterMs }: KillFigures): string =>
  gaveUpAfterMs === undefined ? outcome : `${outcome}, given up after ${shortDuration(gaveUpAfterMs)}`
