/** `skein replay`: a run as text, step by step, and what came of taking its turns again. */

import { assertNever } from '../../protocols/errors.ts'
import { nameOf } from '../../protocols/ids.ts'
import type { ValueChange } from '../../src/history/changes.ts'
import type { HistoryCheck, TurnCheck } from '../../src/history/check.ts'
import type { Difference } from '../../src/history/differences.ts'
import type { RunHistory } from '../../src/history/history.ts'
import type { StepView } from '../../src/history/step-view.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { cut, harmless, oneLine, type Screen } from './terminal.ts'

export type ReplayText = Pick<Screen, 'paint'> & {
  readonly width: number
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string
}

/** Lines that are shown of what may be many, and characters of one value. */
const SHOWN = { changes: 6, differences: 8, others: 8, value: 72 }
const LABEL = 10
const INDENT = ' '.repeat(4)

/** What is in the step, line by line. @param context as it is after it, where it is asked for */
export function stepLines(view: StepView, text: ReplayText, context?: { readonly whole: unknown }): string[] {
  const { paint } = text
  const lines = (label: string, values: readonly string[], most = SHOWN.others) =>
    bounded(values, most).map((value, index) =>
      cut(`${INDENT}${(index === 0 ? label : '').padEnd(LABEL)}${oneLine(value)}`, text.width),
    )
  const state = view.from === view.to ? view.to : `${view.from} → ${view.to}`
  return [
    `${paint('bold', `#${view.number} ${view.conversation}`)} ${paint('dim', `turn ${view.turn} · ${view.peer}${fromWhom(view)}`)}`,
    ...lines('took', [text.redact(tookText(view))]),
    ...lines('state', [state]),
    ...lines('problem', view.problem === null ? [] : [text.redact(view.problem)]),
    ...lines('ended', view.output === null ? [] : [valueText(view.output, text)]),
    ...lines(
      'context',
      view.context.map((change) => changeText(change, text)),
      SHOWN.changes,
    ),
    ...lines('kept', view.deferred),
    ...lines(
      'dropped',
      view.dropped.map(({ effect }) => effect),
    ),
    ...lines(
      'sent',
      view.sent.map(({ type, to, role }) => `${type} to ${role} in ${to}`),
    ),
    ...lines(
      'started',
      view.started.map(({ effect }) => effect),
    ),
    ...lines(
      'timer',
      view.timers.map(({ event, inMs }) => `${event} in ${shortDuration(inMs)}`),
    ),
    ...(context === undefined ? [] : wholeLines(context.whole, text)),
  ]
}

const bounded = (values: readonly string[], most: number): readonly string[] =>
  values.length <= most ? values : [...values.slice(0, most), `… ${values.length - most} more`]

function fromWhom({ before, peer, host, pid, kind }: StepView): string {
  if (before === undefined) return ''
  const who = before.peer === peer ? `${before.host}/${before.pid}, now ${host}/${pid}` : before.peer
  return kind === 'takeover' ? `, taken over from ${who}` : `, before ${who}`
}

function tookText({ kind, took }: StepView): string {
  if (kind === 'takeover') return 'nothing: another process goes on with it'
  if (kind === 'ended') return 'the end of the run'
  if (kind === 'credited') return `${eventText(took)}, for whoever closes it`
  return eventText(took)
}

function eventText(took: StepView['took']): string {
  switch (took.kind) {
    case 'message':
      return `${took.type} from ${took.from}`
    case 'outcome':
      return `${took.effect} ${took.ok ? 'ended' : `failed: ${took.error}`}`
    case 'timer':
      return `timer ${took.event}`
    case 'overdue':
      return `no answer to ${took.type} from ${took.to}${took.isNobodyThere ? ', nobody is there' : ''}`
    case 'given-up':
      return `${took.type} from ${took.from}, given up: ${took.reason}`
    case 'unsent':
      return `${took.messages.length} messages refused: ${took.reason}`
    case 'unknown':
      return took.event
    default:
      return assertNever(took)
  }
}

function changeText({ path, before, after }: ValueChange, text: ReplayText): string {
  const [was, is] = [before, after].map((value) => valueText(value, text))
  if (before === undefined) return `${path}: + ${is}`
  return after === undefined ? `${path}: - ${was}` : `${path}: ${was} → ${is}`
}

/** Redacted first and cut then: half a secret is told as well. */
function valueText(value: unknown, { redact }: ReplayText): string {
  if (value === undefined) return 'none'
  return cut(oneLine(redact(JSON.stringify(value) ?? 'none')), SHOWN.value)
}

function wholeLines(context: unknown, { redact }: ReplayText): string[] {
  if (context === null) return [`${INDENT}it is closed, and no context is kept`]
  return harmless(redact(JSON.stringify(context, null, 2)))
    .split('\n')
    .map((line) => `${INDENT}${line}`)
}

/** What a turn comes to now, where that differs. */
export function checkLines(check: TurnCheck | undefined, text: ReplayText): string[] {
  if (check === undefined || check.kind === 'same') return []
  if (check.kind === 'unchecked')
    return [text.paint('yellow', cut(`${INDENT}? not checked: ${oneLine(check.why)}`, text.width))]
  const lines = check.differences.map((difference) => differenceText(difference, text))
  return bounded(lines, SHOWN.differences).map((line) =>
    text.paint('red', cut(`${INDENT}✗ ${line}`, text.width)),
  )
}

function differenceText({ what, path, recorded, now }: Difference, text: ReplayText): string {
  const title = path === '' ? what : `${what} ${path}`
  const [was, is] = [recorded, now].map((value) =>
    typeof value === 'string' && (what === 'state' || what === 'message')
      ? cut(oneLine(text.redact(value)), SHOWN.value)
      : value === null
        ? 'none'
        : valueText(value, text),
  )
  return `${title}: recorded ${was}, now ${is}`
}

const count = (many: number, what: string) => `${many} ${what}${many === 1 ? '' : 's'}`

/** The last lines: what was checked, what differs and where first, and what could not be looked at. */
export function summaryLines(
  check: HistoryCheck,
  { run, unreadable }: Pick<RunHistory, 'run' | 'unreadable'>,
  text: ReplayText,
): string[] {
  const { turns, conversations, same, diverging, unchecked } = check
  const skipped = unchecked.reduce((sum, one) => sum + one.turns, 0)
  const differing = turns - same - skipped
  const all = `${count(turns, 'turn')} in ${count(conversations, 'conversation')}`
  const parts = [
    ...(same > 0 ? [`${same} as recorded`] : []),
    ...(differing > 0 ? [`${differing} differ`] : []),
    ...(skipped > 0 ? [`${skipped} not checked`] : []),
  ]
  const first =
    turns === 0
      ? 'no turn to check'
      : same === turns
        ? `${all}, all as recorded`
        : `${all}: ${parts.join(', ')}`
  return [
    text.paint(differing > 0 ? 'red' : skipped > 0 ? 'yellow' : 'green', first),
    ...diverging.flatMap(({ conversation, role, number, turn, differences, turns: many }) => [
      `${INDENT}${nameOf(conversation)} (${role}) differs first in turn ${turn}, #${number}${many > 1 ? `, and in ${many - 1} more` : ''}`,
      ...bounded(
        differences.map((difference) => differenceText(difference, text)),
        1,
      ).map((line) => cut(`${INDENT}${INDENT}${line}`, text.width)),
    ]),
    ...unchecked.map(
      ({ why, turns: many }) => `${INDENT}not checked, ${count(many, 'turn')}: ${oneLine(why)}`,
    ),
    ...(unreadable > 0
      ? [
          `${INDENT}${count(unreadable, 'record')} of another version of skein left out: it cannot be read here`,
        ]
      : []),
    ...(run.state === 'over' ? [] : ['the run is not over: this is what is committed so far']),
  ]
}
