/** The same job under one combination after another, each in a folder and on a server of its own. */
import { basename } from 'node:path'
import { shortDuration } from '../../traces/read/duration.ts'
import { breachesOf } from './checks.ts'
import { BASELINE, type Combination } from './combinations.ts'
import { talkIn } from './hops.ts'
import { inProject } from './in-project.ts'
import { finished, startWired, topologyOf, type WiredRun } from './wired-run.ts'

export type Compared = Combination & {
  readonly outcome: string
  readonly durationMs: number
  /** Between conversations, as the run counts them. */
  readonly messages: number
  /** Times that an agent passed on what is for another. */
  readonly relays: number
  /** Most of them on the way of one message. */
  readonly mostRelays: number
  readonly breaches: readonly string[]
}

export type ComparisonOptions = {
  readonly workspace: string
  readonly combinations: readonly Combination[]
  /** Hears of each as soon as it is over. */
  readonly tell: (one: Compared) => void
  readonly signal: AbortSignal
}

/** @throws the signal's reason, once nothing of it is left */
export async function compare(options: ComparisonOptions): Promise<readonly Compared[]> {
  const { workspace, combinations, tell, signal } = options
  const compared: Compared[] = []
  let patch: string | undefined
  for (const combination of combinations) {
    const topology = await topologyOf(combination)
    const one = await inProject(signal, async (project) => {
      const run = await finished(project, await startWired(project, workspace, combination))
      if (combination === BASELINE) patch = run.patch
      return { ...figuresOf(run), breaches: breachesOf(run, topology, patch) }
    }).catch((error: unknown) => {
      signal.throwIfAborted()
      return { ...NOTHING, breaches: [`it did not run: ${(error as Error).message}`] }
    })
    compared.push({ ...combination, ...one })
    tell(compared.at(-1)!)
  }
  return compared
}

const NOTHING = { outcome: 'none', durationMs: 0, messages: 0, relays: 0, mostRelays: 0 }

function figuresOf({ report, story }: WiredRun): typeof NOTHING {
  const relays = talkIn(story).map((message) => message.relays.length)
  return {
    outcome: report.outcome,
    durationMs: report.durationMs,
    messages: report.messages,
    relays: relays.reduce((a, b) => a + b, 0),
    mostRelays: Math.max(0, ...relays),
  }
}

export const COMPARED_HEAD = [
  'TOPOLOGY',
  'PLACEMENT',
  'OUTCOME',
  'TIME',
  'MESSAGES',
  'RELAYS',
  'MOST',
  'CHECKS',
]

export const comparedRow = (one: Compared): string[] => [
  basename(one.topology),
  one.placement,
  one.outcome,
  shortDuration(one.durationMs),
  String(one.messages),
  String(one.relays),
  String(one.mostRelays),
  one.breaches.length === 0 ? 'hold' : `${one.breaches.length} fail`,
]

export const comparedLine = (one: Compared): string => {
  const name = `${basename(one.topology)} ${one.placement}`
  const figures = `${shortDuration(one.durationMs)}, ${one.messages} messages, ${one.relays} relays`
  const text = `${one.breaches.length === 0 ? '✓' : '✗'} ${name.padEnd(26)} ${figures}`
  return [text, ...one.breaches.map((breach) => `    ${breach}`)].join('\n')
}
