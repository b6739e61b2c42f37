/** What coordination cost, as a short table: a fact a line, what it is made of, and at the foot what it is held against. */
import { styleText } from 'node:util'
import { column } from './column.ts'
import { SEGMENT_KINDS } from './critical-path.ts'
import { shortCount } from './detail.ts'
import { shortDuration } from './duration.ts'
import { percent, type ShowOptions } from './show-critical-path.ts'
import type { Tax } from './tax.ts'

type Row = { readonly label: string; readonly value: string; readonly note: string }

const MIN_WIDTH = 60
const LABEL_CELLS = 20
const VALUE_CELLS = 10
const GAP = '  '

const DEFINITION = `Held against one agent that makes the same model calls and runs the same tools one after another. It \
might need fewer of them, and its prompts would be longer: a trace knows neither.`

/** Renders a tax, each line ended by a newline. */
export function showTax(tax: Tax, options: ShowOptions): string {
  const width = Math.max(MIN_WIDTH, options.width)
  // The caller has decided, so it is not left to the stream.
  const paint = (style: 'bold' | 'dim', text: string) =>
    options.color ? styleText(style, text, { validateStream: false }) : text
  const noteCells = width - LABEL_CELLS - VALUE_CELLS - 2 * GAP.length
  const title = column(['cost of coordination', tax.run ?? []].flat().join(' of run '), width).trimEnd()
  const groups = [timeRows(tax), trafficRows(tax), tokenRows(tax)].map((rows) =>
    rows.map(({ label, value, note }) =>
      [column(label, LABEL_CELLS), value.padStart(VALUE_CELLS), paint('dim', column(note, noteCells))].join(
        GAP,
      ),
    ),
  )
  const lines = [
    paint('bold', title),
    ...groups.flatMap((rows) => ['', ...rows]),
    '',
    ...wrapped(DEFINITION, width).map((line) => paint('dim', line)),
  ]
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function timeRows({ work, durationMs, isOver, speedUp, overhead }: Tax): Row[] {
  const { modelMs, toolMs, sequentialMs, unionMs, unwantedMs } = work
  const parts = SEGMENT_KINDS.map((kind) => [kind, overhead.byKind[kind] ?? 0] as const)
    .filter(([, ms]) => ms > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([kind, ms]) => `${kind} ${shortDuration(ms)}`)
  const byDuration = (ms: number) => (durationMs > 0 ? percent(ms / durationMs) : '')
  return [
    row(
      'work in sequence',
      shortDuration(sequentialMs),
      `model ${shortDuration(modelMs)}, tool ${shortDuration(toolMs)}`,
    ),
    row(isOver ? 'the run' : 'the run so far', shortDuration(durationMs), ''),
    speedUp === undefined
      ? row('speed-up', 'not known', 'no model and no tool was at work')
      : row('speed-up', `${speedUp.toFixed(2)} x`, 'work in sequence by the run'),
    row('at work', byDuration(unionMs), `${shortDuration(unionMs)} with a model or tool busy`),
    row(
      'overhead',
      byDuration(overhead.ms),
      [shortDuration(overhead.ms), parts.join(', ')].filter(Boolean).join(': '),
    ),
    ...(unwantedMs > 0
      ? [row('unwanted work', shortDuration(unwantedMs), 'effects nobody waited for, not counted')]
      : []),
  ]
}

function trafficRows({ conversations, turns, messages }: Tax): Row[] {
  const talk = messages.all - messages.accounting
  const untaken = messages.untaken > 0 ? `, ${messages.untaken} taken by nobody` : ''
  return [
    row('messages', `${talk}`, `and ${messages.accounting} of accounting${untaken}`),
    row('turns', `${turns.all - turns.accounting}`, `and ${turns.accounting} of accounting`),
    row('conversations', `${conversations}`, ''),
  ]
}

function tokenRows({ modelCalls, tokens, prompts, openings }: Tax): Row[] {
  const of = (calls: number) => (calls === modelCalls ? '' : `, of ${calls} of ${modelCalls} calls`)
  const calls = row('model calls', `${modelCalls}`, '')
  if (modelCalls === 0) return [calls]
  return [
    calls,
    tokens === undefined
      ? row('tokens', 'not known', 'no model call says them')
      : row(
          'tokens',
          shortCount(tokens.input + tokens.output),
          `${shortCount(tokens.input)} in, ${shortCount(tokens.output)} out${of(tokens.calls)}`,
        ),
    ...(prompts === undefined || openings === undefined
      ? [row('read from peers', 'not known', 'no model call says the size of its prompt')]
      : [
          row(
            'read from peers',
            percent(prompts.bytes > 0 ? prompts.peerBytes / prompts.bytes : 0),
            `${bytes(prompts.peerBytes)} of ${bytes(prompts.bytes)}${prompts.peerTokens === undefined ? '' : `, about ${shortCount(prompts.peerTokens)} tokens`}${of(prompts.calls)}`,
          ),
          row(
            'openings',
            bytes(openings.bytes),
            `${openings.conversations} first prompts; one agent: ${bytes(openings.largest)}`,
          ),
        ]),
  ]
}

const row = (label: string, value: string, note: string): Row => ({ label, value, note })

const bytes = (count: number): string =>
  `${shortCount(count)}B`.replace(/^(\d+)B$/, '$1 B').replace(/([kM])B$/, ' $1B')

function wrapped(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = [lines.at(-1)!, word].filter(Boolean).join(' ')
    if (line.length <= width) lines[lines.length - 1] = line
    else lines.push(word)
  }
  return lines
}
