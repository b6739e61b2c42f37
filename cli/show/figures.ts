/** The figures of a run, for people: what it cost, which role spent what, and how much of it was talk. */
import type { Figures } from '../../src/run/figures.ts'
import { table } from './table.ts'
import type { Screen } from './terminal.ts'

const number = (value: number) => Math.round(value).toLocaleString('en')
const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

/** `$0.0123`. @param nano nano-dollars */
export function dollars(nano: number): string {
  const usd = nano / 1e9
  if (usd === 0) return '$0'
  if (usd < 0.0001) return '<$0.0001'
  return `$${usd < 1 ? usd.toFixed(4) : usd.toFixed(2)}`
}

/** Undefined where nobody is to be paid. */
export function moneyText(figures: Figures | undefined): string | undefined {
  if (figures === undefined) return undefined
  const { moneyNanoUsd: money, unpriced, untold } = figures
  if (money === null) return `unknown: no price for ${quoted(unpriced)}, add it to "prices" in the config`
  if (money === 0 && untold === 0) return undefined
  const more = untold === 0 ? '' : `, and what ${number(untold)} calls cost that told no tokens`
  return `${dollars(money)}${more}`
}

/** A row for each role that worked; none where only one did. */
export function figureLines(figures: Figures | undefined, screen: Screen): string[] {
  if (figures === undefined) return []
  const roles = Object.entries(figures.byRole).filter(([, { calls, tools }]) => calls + tools > 0)
  if (roles.length < 2) return []
  const isTold = roles.some(([, { inputTokens }]) => inputTokens > 0)
  const head = [
    'role',
    'calls',
    'tools',
    ...(isTold ? ['tokens in', 'out', 'money'] : []),
    'prompt (median, largest)',
  ]
  const rows = roles.map(([role, { calls, tools, inputTokens, outputTokens, moneyNanoUsd }]) => [
    ...[role, number(calls), number(tools)],
    ...(isTold
      ? [number(inputTokens), number(outputTokens), moneyNanoUsd === null ? '?' : dollars(moneyNanoUsd)]
      : []),
    promptText(figures.prompts[role]),
  ])
  return table(head, rows, screen)
}

/** The median and the largest. */
function promptText(prompts: Figures['prompts'][string] | undefined): string {
  return prompts === undefined ? '' : `${number(prompts.median)}, ${number(prompts.max)} ${prompts.unit}`
}

/** Coordination against work. */
export function talkText({
  coordination: { messages, perCall, perTool, peerShare, peerTokens },
}: Figures): string {
  const per = (ratio: number | null, what: string) =>
    ratio === null ? [] : [`${ratio.toFixed(2)} messages a ${what}`]
  const tokens = peerTokens === 0 ? '' : `, ${number(peerTokens)} tokens`
  const share =
    peerShare === null
      ? []
      : [`${Math.round(peerShare * 100)}% of prompts is what other agents wrote${tokens}`]
  const parts = [...per(perCall, 'model call'), ...per(perTool, 'tool call'), ...share]
  return parts.length === 0 ? `${number(messages)} messages` : parts.join(' · ')
}
