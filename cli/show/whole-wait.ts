/**
 * All that a person is shown of one thing that waits: what it would do, the patch, the input, and how to decide. It was
 * written by models and tools, and steers no terminal: control characters are shown as dots, and every line is indented,
 * so that none looks like a line of this program.
 */
import type { Excerpt } from '../../src/people/bounded.ts'
import { decisionText } from '../../src/people/decide.ts'
import type { Shown } from '../../src/people/shown.ts'
import type { Wait } from '../../src/people/wait.ts'
import { inputLines } from './call-input.ts'
import { harmless, oneLine, type Screen, type Style } from './terminal.ts'
import { answerCommand, approveCommand, denyCommand, waitTitle } from './wait.ts'

/** @param isOpen its conversation still wants to know */
export function showWholeWait(
  wait: Wait,
  shown: Shown | undefined,
  { now, isOpen }: { readonly now: number; readonly isOpen: boolean },
  screen: Pick<Screen, 'line' | 'paint' | 'width'>,
): void {
  const { id, run, kind, tool, input, reason, question, choices, decision } = wait
  const { line, paint } = screen
  const title = (text: string) => line(paint('bold', text))
  const show = (text: string) => {
    for (const one of harmless(text).split('\n')) line(`  ${one}`)
  }

  line(waitTitle(wait, now, screen))
  if (reason !== null) line(`  ${paint('dim', `because ${oneLine(reason)}`)}`)
  if (kind === 'question') {
    show(question ?? '')
    for (const [index, choice] of choices.entries()) line(`  ${index + 1}) ${oneLine(choice)}`)
  } else {
    if (shown?.problem != null) show(`what it would do cannot be shown: ${shown.problem}`)
    if (shown?.does != null) {
      title(`${oneLine(tool)} …`)
      show(trimmed(shown.does))
      leftOut(shown.does)
    }
    if (shown?.patch != null) {
      title('patch')
      for (const one of harmless(trimmed(shown.patch)).split('\n')) line(`  ${patchLine(one, screen)}`)
      leftOut(shown.patch)
    }
    title('input')
    for (const one of inputLines(shown?.input.text ?? input)) line(`  ${one}`)
    if (shown !== undefined) leftOut(shown.input)
  }
  line('')
  for (const text of ending()) line(text)

  function leftOut({ leftOut: rest }: Excerpt): void {
    if (rest === null) return
    const lines = `${rest.lines.toLocaleString('en')} line${rest.lines === 1 ? '' : 's'}`
    const text = `${lines} more, ${rest.characters.toLocaleString('en')} characters, are left out: you do not see all of it`
    line(`  ${paint('yellow', text)}`)
  }

  function ending(): string[] {
    if (decision !== null)
      return [`${oneLine(decisionText(decision))} at ${new Date(decision.at).toISOString()}`]
    if (!isOpen) return ['nobody waits for it any more: its conversation went on, or its run ended']
    return [
      kind === 'question' ? `${answerCommand(run, id)} "…"` : approveCommand(run, id),
      denyCommand(run, id),
    ]
  }
}

const trimmed = ({ text }: Excerpt): string => text.replace(/\n+$/, '')

const MARKS: readonly (readonly [mark: RegExp, style: Style])[] = [
  [/^(diff |index |--- |\+\+\+ |new |deleted |old |similarity |rename )/, 'bold'],
  [/^@@/, 'cyan'],
  [/^\+/, 'green'],
  [/^-/, 'red'],
]

const patchLine = (text: string, { paint }: Pick<Screen, 'paint'>): string => {
  const style = MARKS.find(([mark]) => mark.test(text))?.[1]
  return style === undefined ? text : paint(style, text)
}
