/** How a run ended, for people: the outcome, the files, the cost, and what to do next. */
import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { RunReport } from '../../src/flock/run-report.ts'
import type { Placement } from '../../src/topology/topology.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import type { LinkedReport } from '../input/jaeger.ts'
import { figureLines, moneyText, talkText } from './figures.ts'
import type { Screen } from './terminal.ts'

const STYLES = {
  completed: 'green',
  unsatisfied: 'yellow',
  exhausted: 'yellow',
  cancelled: 'yellow',
  failed: 'red',
} as const satisfies Record<RunReport['outcome'], string>

const PLACED = {
  anybody: 'whoever is free',
  auction: 'the best bid',
  blackboard: 'whoever claims it',
  hash: 'the peer of its hash',
  hub: 'whom the hub chooses',
} as const satisfies Record<Placement, string>

const LABEL_CELLS = 9

/** For people, or as one JSON object. */
export async function showReport(report: LinkedReport, screen: Screen, json: boolean): Promise<void> {
  if (json) screen.line(JSON.stringify(report))
  else await showOutcome(report, screen)
}

export async function showOutcome(report: LinkedReport, screen: Screen): Promise<void> {
  const { line, paint } = screen
  const show = (label: string, text: string) => line(`  ${paint('dim', label.padEnd(LABEL_CELLS))}${text}`)
  const hint = (command: string) => paint('dim', `→ ${command}`)
  line('')
  line([paint(['bold', STYLES[report.outcome]], report.outcome), report.reason ?? ''].join('  ').trimEnd())
  line('')
  if (report.patch !== null) {
    show('patch', await patchText(report.patch, report.partial))
    if (report.change !== null) show('', hint(`skein apply ${report.run}`))
  } else if (report.workspace !== null) show('patch', 'none: no file was changed')
  if (report.report !== null) show('report', shortPath(report.report))
  if (report.answer !== null) show('answer', JSON.stringify(report.answer.body))
  if (report.trace !== null) show('trace', hint(`skein trace ${report.run}`))
  if (report.jaeger !== undefined) show('jaeger', report.jaeger)
  show('cost', costOf(report))
  const money = moneyText(report.figures)
  if (money !== undefined) show('money', money)
  const { topology } = report
  if (topology !== undefined) show('wired', `${topology.name}, work to ${PLACED[topology.placement]}`)
  if (report.sandbox !== undefined) show('commands', report.sandbox ?? 'not contained by a sandbox')
  show('peers', report.peers.map(({ peer }) => peer).join(', '))
  if (report.logs !== null) show('logs', shortPath(report.logs))
  const lines = figureLines(report.figures, screen)
  if (report.figures === undefined || lines.length === 0) return
  show('talk', talkText(report.figures))
  line('')
  for (const text of lines) line(`  ${text}`)
}

function costOf({ spent, messages, durationMs, model, figures }: RunReport): string {
  const number = (value: number) => value.toLocaleString('en')
  const untold = figures?.untold ?? 0
  const more = untold === 0 ? '' : `, and what ${number(untold)} calls used that told none`
  const known = spent.inputTokens + spent.outputTokens > 0
  const none = untold === 0 ? 'no tokens' : 'tokens unknown: the endpoint told none'
  const tokens = known
    ? `${number(spent.inputTokens)} tokens in, ${number(spent.outputTokens)} out${more} (${model})`
    : `${none} (${model})`
  const rest = [
    `${number(spent.calls)} calls`,
    `${number(spent.tools)} tools`,
    `${number(messages)} messages`,
  ]
  return [tokens, ...rest, shortDuration(durationMs)].join(' · ')
}

/** Where it is, and how large: `.skein/runs/r-1/patch.diff  3 files, +24 −6` */
export const patchText = async (patch: string, isPartial: boolean): Promise<string> =>
  `${shortPath(patch)}  ${await sizeOf(patch)}${isPartial ? ', as far as it came' : ''}`

/** `3 files, +24 −6` */
async function sizeOf(patch: string): Promise<string> {
  const lines = (await readFile(patch, 'utf8')).split('\n')
  const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length
  const files = count(/^diff --git /)
  return `${files} file${files === 1 ? '' : 's'}, +${count(/^\+(?!\+\+ )/)} −${count(/^-(?!-- )/)}`
}

/** From where one is, where that is shorter. */
export function shortPath(path: string): string {
  const way = relative(process.cwd(), path)
  return way !== '' && way.length < path.length ? way : path
}
