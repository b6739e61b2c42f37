/** Dead letters for people and for programs: what each is, why it is dead, and all of it. */
import { mailboxSubject } from '../../src/bus/mailboxes.ts'
import { headOf } from '../../src/flock/message-head.ts'
import type { DeadLetter } from '../../src/turn/dead-letters.ts'
import { shortDuration } from '../../traces/read/duration.ts'
import { table } from './table.ts'
import { cut, harmless, oneLine, type Screen } from './terminal.ts'

/** Enough to tell any two. */
const ID_CELLS = 8
const HEAD = ['ID', 'AGE', 'RUN', 'TYPE', 'FROM', 'TO', 'MAILBOX']
const LABEL_CELLS = 9

/** Two lines for each: what it is, and why it is dead. */
export function letterLines(letters: readonly DeadLetter[], now: number, screen: Screen): string[] {
  const [head = '', ...rows] = table(
    HEAD,
    letters.map((letter) => rowOf(letter, now)),
    screen,
  )
  const reasons = letters.map(({ reason }) => cut(oneLine(reason), screen.width() - 2))
  return [head, ...rows.flatMap((row, index) => [row, `  ${screen.paint('red', reasons[index]!)}`])]
}

function rowOf(letter: DeadLetter, now: number): string[] {
  const { run = '?', type = '?', from = '?', to = '?' } = headOf(letter)
  const digest = letter.id.slice(letter.id.lastIndexOf('.') + 1)
  const id = digest.slice(0, ID_CELLS)
  return [id, ageOf(letter, now), run, type, from, to, mailboxSubject(letter.mailbox)]
}

const ageOf = ({ at }: DeadLetter, now: number) => shortDuration(Math.max(0, now - at))

export function showLetter(letter: DeadLetter, now: number, { line, paint }: Screen): void {
  const { id, reason, mailbox, by, at, headers } = letter
  const show = (label: string, text: string) =>
    line(`${paint('dim', label.padEnd(LABEL_CELLS))}${harmless(text)}`)
  show('id', id)
  show('reason', reason)
  show('mailbox', mailboxSubject(mailbox))
  show('given up', `by ${by}, ${ageOf(letter, now)} ago, at ${new Date(at).toISOString()}`)
  show('headers', '')
  for (const [name, value] of Object.entries(headers)) line(harmless(`  ${name}: ${value}`))
  show('body', '')
  const body = bodyOf(letter)
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  line(letter.body === null ? '  too large to be kept' : harmless(text))
}

/** For `list --json`. */
export const letterObject = (letter: DeadLetter) => {
  const { id, reason, mailbox, by, at } = letter
  const { deadline: _, ...head } = headOf(letter)
  return { id, ...head, mailbox: mailboxSubject(mailbox), by, at, reason }
}

/** For `show --json`. */
export const wholeLetterObject = (letter: DeadLetter) => ({
  ...letterObject(letter),
  headers: letter.headers,
  body: bodyOf(letter),
})

/** As JSON where it is some, else as text. */
function bodyOf({ body }: DeadLetter): unknown {
  if (body === null) return null
  const text = Buffer.from(body, 'base64').toString()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
