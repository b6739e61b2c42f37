/** The board: a run on one screen. A pure function from the view to lines; painting it again is `live-board`'s. */
import { shortDuration } from '../../traces/read/duration.ts'
import type { PeerView, RunView, TaskView } from './progress.ts'
import { cut, fit, oneLine, type Screen, type Style } from './terminal.ts'

export type BoardAround = {
  readonly run: string
  readonly goal: string
  readonly model: string
  readonly startedAt: number
  readonly now: number
  readonly over: boolean
}

const MARKS: Readonly<Record<TaskView['state'], readonly [mark: string, style: Style]>> = {
  open: ['·', 'dim'],
  waiting: ['○', 'dim'],
  working: ['●', 'cyan'],
  done: ['✓', 'green'],
  failed: ['✗', 'red'],
}
/** What is of most interest comes first when there is no room for all. */
const ORDER: readonly TaskView['state'][] = ['failed', 'working', 'waiting', 'open', 'done']

const PEER_CELLS = 14
const DOING_CELLS = 20
const NAME_SHARE = 0.26
const TIME_CELLS = 8
/** Lines that are not tasks: header, goal, three blanks, footer. */
const FRAME_LINES = 6
const MIN_TASK_LINES = 3

export function board(
  view: RunView,
  around: BoardAround,
  { paint, ...screen }: Pick<Screen, 'paint' | 'width' | 'height'>,
): string[] {
  const width = screen.width() - 1
  const room = Math.max(
    MIN_TASK_LINES,
    screen.height() - FRAME_LINES - view.peers.length - view.waits.length - 1,
  )
  const { shown, hidden } = choose(view.tasks, room)
  const nameCells = Math.min(
    Math.round(width * NAME_SHARE),
    Math.max(8, ...shown.map(({ name }) => name.length)),
  )

  const peerLine = ({ peer, state, doing, conversation }: PeerView) => {
    const lead = `  ${fit(peer, PEER_CELLS)} `
    if (state === 'idle') return paint('dim', `${lead}·`)
    const text = fit(cut(doing, DOING_CELLS), DOING_CELLS)
    const rest = cut(conversation, Math.max(0, width - lead.length - DOING_CELLS - 1))
    return `${lead}${state === 'working' ? paint('cyan', text) : text} ${paint('dim', rest)}`.trimEnd()
  }

  const taskLine = (task: TaskView) => {
    const [mark, style] = MARKS[task.state]
    const tail = `${fit(task.peer ?? '', PEER_CELLS)}${durationOf(task, around.now).padStart(TIME_CELLS)}`
    const text = task.note === '' ? task.title : `${task.rounds > 0 ? `↻${task.rounds} ` : ''}${task.note}`
    const cells = Math.max(0, width - 4 - nameCells - 4 - tail.length)
    const told = fit(oneLine(text), cells)
    const dull = task.state === 'open' || task.state === 'waiting'
    return [
      `  ${paint(style, mark)} ${dull ? paint('dim', fit(task.name, nameCells)) : fit(task.name, nameCells)}`,
      paint(task.state === 'failed' ? 'red' : task.note !== '' ? 'yellow' : 'dim', told),
      paint('dim', tail),
    ]
      .join('  ')
      .trimEnd()
  }

  const waitLine = ({ command, what }: RunView['waits'][number]) =>
    `${paint('yellow', command)} ${paint('dim', cut(what, Math.max(0, width - command.length - 1)))}`

  const elapsed = clockTime(around.now - around.startedAt)
  const head = [around.run, elapsed, `model ${around.model}`].join('   ')
  const done = view.tasks.filter(({ state }) => state === 'done').length
  const counts = [
    `${done} of ${view.tasks.length} tasks`,
    `${view.messages} messages`,
    ...(view.tokens > 0 ? [`${view.tokens.toLocaleString('en')} tokens`] : []),
    ...(around.over ? [] : ['Ctrl-C stops the run']),
  ].join(' · ')
  return [
    `${paint('bold', 'skein')}  ${cut(head, width - 7)}`,
    paint('dim', cut(oneLine(around.goal), width)),
    '',
    ...view.peers.map(peerLine),
    '',
    ...shown.map(taskLine),
    ...(hidden > 0 ? [paint('dim', `  ⋮ ${hidden} more`)] : []),
    ...(view.tasks.length > 0 ? [''] : []),
    ...view.waits.map(waitLine),
    paint('dim', cut(counts, width)),
  ]
}

/** In the order of their appearance; where there is no room for all, the dullest are left out. */
function choose(tasks: readonly TaskView[], room: number): { shown: TaskView[]; hidden: number } {
  if (tasks.length <= room) return { shown: [...tasks], hidden: 0 }
  const kept = new Set(
    [...tasks].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state)).slice(0, room - 1),
  )
  return { shown: tasks.filter((task) => kept.has(task)), hidden: tasks.length - kept.size }
}

function durationOf({ startedAt, endedAt }: TaskView, now: number): string {
  return startedAt === undefined ? '' : shortDuration(Math.max(0, (endedAt ?? now) - startedAt))
}

/** `0:07`, `12:34`, `1:02:03` */
function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const two = (number: number) => String(number).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  const rest = two(seconds % 60)
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`
}
