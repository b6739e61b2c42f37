/** What waits for a person, for people and for programs: what is wanted, by whom, and what to type. */
import { nameOf, type RunId } from '../../protocols/ids.ts'
import { PERSON, type Wanted } from '../../src/people/gate.ts'
import { type Wait, waitId } from '../../src/people/wait.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { cut, oneLine, type Screen } from './terminal.ts'

/** What a record has waiting. */
export type PendingWait = {
  readonly tool: string
  /** What to type: it shows a call whole, and says how to decide on it; a question it answers, but for the answer. */
  readonly command: string
  /** What it is about, in one line. */
  readonly what: string
}

export const pendingWaits = ({ run, conversation, effects }: ConversationRecord): readonly PendingWait[] =>
  effects.flatMap(({ src, name, input }) => {
    if (src !== PERSON) return []
    const { kind, tool, shown, question } = input as Wanted
    const id = waitId(conversation, name)
    const command = kind === 'question' ? answerCommand(run, id) : seeCommand(run, id)
    return [{ tool, command, what: wantedText({ tool, question, gist: null, input: shown }) }]
  })

/** What is wanted of a person, in one line. */
export const wantedText = ({
  tool,
  question,
  gist,
  input,
}: Pick<Wait, 'tool' | 'question' | 'gist' | 'input'>): string =>
  oneLine(question ?? (gist === null ? `${tool} ${input}` : `${tool}: ${gist}`))

/** Shows all of one, or what of a run waits. */
export const seeCommand = (run: RunId, id?: string): string =>
  `skein waiting ${run}${id === undefined ? '' : ` ${id}`}`
export const approveCommand = (run: RunId, id: string): string => `skein approve ${run} ${id}`
export const denyCommand = (run: RunId, id: string): string => `skein deny ${run} ${id} --reason "…"`
/** Up to the answer. */
export const answerCommand = (run: RunId, id: string): string => `skein answer ${run} ${id}`

/** `2 calls of r-mb4k2x9f-3fa1 wait for a person: skein waiting r-mb4k2x9f-3fa1`; undefined where none does. */
export const waitingText = (run: RunId, count: number): string | undefined =>
  count === 0
    ? undefined
    : `${count === 1 ? `1 call of ${run} waits` : `${count} calls of ${run} wait`} for a person: ${seeCommand(run)}`

/** `5b73ed3e  r-mb4k2x9f-3fa1  coder of fix wants to use merge_work  for 12 s, 48 s left` */
export function waitTitle(wait: Wait, now: number, { paint }: Pick<Screen, 'paint'>): string {
  const { id, run, conversation, role, kind, tool, since, until } = wait
  const times = `for ${shortDuration(Math.max(0, now - since))}, ${shortDuration(Math.max(0, until - now))} left`
  const wants = kind === 'question' ? 'asks' : `wants to use ${oneLine(tool)}`
  return `${paint('yellow', id)}  ${run}  ${role} of ${nameOf(conversation)} ${wants}  ${paint('dim', times)}`
}

/** In short, for a list: `whole-wait` shows all. */
export function showWait(wait: Wait, now: number, screen: Pick<Screen, 'line' | 'paint' | 'width'>): void {
  const { id, run, kind, input, gist, reason, question, choices } = wait
  const { line, paint, width } = screen
  const show = (text: string) => line(`  ${cut(oneLine(text), width() - 2)}`)
  line(waitTitle(wait, now, screen))
  show(kind === 'question' ? (question ?? '') : (gist ?? input))
  for (const [index, choice] of choices.entries()) show(`${index + 1}) ${choice}`)
  if (reason !== null) line(`  ${paint('dim', `because ${oneLine(reason)}`)}`)
  const command =
    kind === 'question' ? answerCommand(run, id) : `${seeCommand(run, id)}  shows what it would do`
  line(`  ${paint('dim', command)}`)
}

/** For `--json`. */
export const waitObject = ({ format: _format, revision: _revision, ...wait }: Wait) => wait
