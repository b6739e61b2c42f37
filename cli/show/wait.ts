/** What waits for a person, for people and for programs: what is wanted, by whom, and what to type. */
import { nameOf, type RunId } from '../../protocols/ids.ts'
import { PERSON, type Wanted } from '../../src/people/gate.ts'
import { type Wait, waitId } from '../../src/people/wait.ts'
import type { ConversationRecord } from '../../src/turn/record.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { cut, harmless, oneLine, type Screen } from './terminal.ts'

/** What a record has waiting. */
export type PendingWait = {
  readonly tool: string
  /** The command that decides it, up to the answer. */
  readonly command: string
  /** What it is about, in one line. */
  readonly what: string
}

export const pendingWaits = ({ run, conversation, effects }: ConversationRecord): readonly PendingWait[] =>
  effects.flatMap(({ src, name, input }) => {
    if (src !== PERSON) return []
    const { kind, tool, shown, question } = input as Wanted
    const command = commandFor(kind, run, waitId(conversation, name))
    return [{ tool, command, what: wantedText({ tool, question, input: shown }) }]
  })

/** What is wanted of a person, in one line. */
export const wantedText = ({ tool, question, input }: Pick<Wait, 'tool' | 'question' | 'input'>): string =>
  oneLine(question ?? `${tool} ${input}`)

const commandFor = (kind: Wanted['kind'], run: RunId, id: string): string =>
  `skein ${kind === 'question' ? 'answer' : 'approve'} ${run} ${id}`

/** @param isWhole all of what a call is given, and not only the beginning */
export function showWait(wait: Wait, now: number, isWhole: boolean, { line, paint, width }: Screen): void {
  const { id, run, conversation, role, kind, tool, input, reason, question, choices, since, until } = wait
  const times = `for ${shortDuration(Math.max(0, now - since))}, ${shortDuration(Math.max(0, until - now))} left`
  const wants = kind === 'question' ? 'asks' : `wants to use ${tool}`
  line(`${paint('yellow', id)}  ${run}  ${role} of ${nameOf(conversation)} ${wants}  ${paint('dim', times)}`)
  const show = (text: string) => {
    if (isWhole) for (const one of harmless(text).split('\n')) line(`  ${one}`)
    else line(`  ${cut(oneLine(text), width() - 2)}`)
  }
  show(kind === 'question' ? (question ?? '') : input)
  for (const [index, choice] of choices.entries()) line(`  ${index + 1}) ${oneLine(choice)}`)
  if (reason !== null) line(`  ${paint('dim', `because ${oneLine(reason)}`)}`)
  line(`  ${paint('dim', commandFor(kind, run, id))}`)
}

/** For `--json`. */
export const waitObject = ({ format: _format, revision: _revision, ...wait }: Wait) => wait
