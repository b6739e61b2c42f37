/**
 * A run as a Mermaid sequence diagram: who said what to whom, in the order of sending. Participants are peers, and
 * roles where nobody took a message. Answers are dashed, failures end in a cross, and what nobody took in an open
 * arrow. The lines are bounded, however long the run; a diagram says what it left out.
 */
import { peerOf } from './detail.ts'
import { mermaidText } from './mermaid.ts'
import {
  bounded,
  folded,
  type Item,
  isAccounting,
  type Participant,
  type Step,
  stepsOf,
} from './sequence-steps.ts'
import type { Story } from './story.ts'

export type SequenceOptions = {
  /** With `run.idle` messages, which are accounting, and with every line, however many. */
  readonly all?: boolean
  /** Lines between the participants and the end, about; 20 or more. Without effect where all is asked for. */
  readonly maxLines?: number
}

const MAX_LINES = 200
const MIN_LINES = 20
/** More columns than these nobody can read: the rest share one. */
const MAX_PARTICIPANTS = 40

/** Renders a story, each line ended by a newline. */
export function sequence(story: Story, options: SequenceOptions = {}): string {
  const all = options.all ?? false
  const steps = stepsOf(story, all)
  const maxLines = Math.max(MIN_LINES, options.maxLines ?? MAX_LINES)
  const items = all ? steps.map(alone) : bounded(folded(steps), maxLines)
  const columns = columnsOf(items, all)
  if (columns.names.length === 0 && story.over !== undefined)
    columns.names.push(peerOf(story.over.node.span) || 'run')

  const everybody = columns.names.length > 1 ? `p1,p${columns.names.length}` : 'p1'
  const idle = all ? 0 : story.messages.filter(isAccounting).length
  return [
    'sequenceDiagram',
    ...(idle > 0 ? [`%% ${count(idle, 'message')} of accounting left out`] : []),
    ...columns.names.map((name, index) => `participant p${index + 1} as ${mermaidText(name)}`),
    ...items.flatMap((item) => itemLines(item, columns.keyOf, everybody)),
    ...endLines(story, everybody),
  ]
    .map((line, index) => (index === 0 ? `${line}\n` : `  ${line}\n`))
    .join('')
}

const alone = (step: Step): Item => ({ kind: 'step', step, conversations: 1 })

/** Who takes part, in order of appearance, and the key that each has in the diagram. */
function columnsOf(
  items: readonly Item[],
  all: boolean,
): { names: string[]; keyOf(name: Participant): string } {
  const found = new Set<Participant>()
  for (const item of items) {
    const steps = item.kind === 'loop' ? item.items : item.kind === 'step' ? [item] : []
    for (const { step } of steps) {
      if (step.kind === 'message') found.add(step.from).add(step.to)
      else found.add(step.over)
    }
  }
  const most = all ? Number.POSITIVE_INFINITY : MAX_PARTICIPANTS
  const names = [...found]
  const rest = names.length > most ? names.splice(most - 1).length : 0
  const keys = new Map(names.map((name, index) => [name, `p${index + 1}`]))
  if (rest > 0) names.push(`${rest} others`)
  return { names, keyOf: (name) => keys.get(name) ?? `p${names.length}` }
}

function itemLines(item: Item, keyOf: (name: Participant) => string, everybody: string): string[] {
  switch (item.kind) {
    case 'step':
      return [stepLine(item, keyOf)]
    case 'loop': {
      const lines = item.items.map((inner) => `  ${stepLine(inner, keyOf)}`)
      return [`loop ${item.times} times`, ...lines, 'end']
    }
    case 'gap': {
      const parts = [
        item.messages > 0 && count(item.messages, 'message'),
        item.notes > 0 && count(item.notes, 'note'),
      ]
      return [`Note over ${everybody}: … ${parts.filter(Boolean).join(' and ')} left out …`]
    }
  }
}

function stepLine(
  { step, conversations }: Item & { kind: 'step' },
  keyOf: (name: Participant) => string,
): string {
  if (step.kind === 'note')
    return `Note over ${keyOf(step.over)}: ${mermaidText(`${step.failed ? '✗ ' : ''}${step.text}`)}`
  const { from, to, type, failure, taken } = step
  const about = conversations > 1 ? `${conversations} conversations` : step.conversation
  const said = [type, failure, about, taken ? '' : 'taken by nobody'].filter(Boolean).join(' · ')
  return `${keyOf(from)}${arrowOf(step)}${keyOf(to)}: ${mermaidText(said)}`
}

function arrowOf({ answers, failure, taken }: Step & { kind: 'message' }): string {
  const line = answers ? '--' : '-'
  if (failure !== undefined) return `${line}x`
  return taken ? `${line}>>` : `${line})`
}

function endLines({ over }: Story, everybody: string): string[] {
  if (over === undefined) return []
  return [
    `Note over ${everybody}: ${mermaidText(`run ${[over.outcome, over.reason].filter(Boolean).join(': ')}`)}`,
  ]
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`
