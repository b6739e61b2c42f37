/** Findings for people: each as a paragraph with what was seen, why it matters, what to do, and the spans that show it. */
import { styleText } from 'node:util'
import { eventLabel } from '../read/detail.ts'
import { shortDuration } from '../read/duration.ts'
import type { Story } from '../read/story.ts'
import { DETECTORS } from './diagnose.ts'
import type { Cited, Finding, Severity } from './finding.ts'

export type DiagnosisOptions = {
  /** Characters in a line; at least 50 are used. */
  readonly width: number
  readonly color: boolean
}

const MIN_WIDTH = 50
/** Before what belongs to a finding, its labels included. */
const INDENT = 8
const PEER_CELLS = 16
const TIME_CELLS = 8

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

const FACES: Readonly<Record<Severity, { readonly mark: string; readonly style: Style }>> = {
  error: { mark: '✗', style: 'red' },
  warning: { mark: '!', style: 'yellow' },
  note: { mark: '·', style: 'cyan' },
}

/** @param findings as `diagnose` gives them for the story */
export function diagnosis(story: Story, findings: readonly Finding[], options: DiagnosisOptions): string {
  const width = Math.max(MIN_WIDTH, options.width)
  // The caller has decided, so it is not left to the stream.
  const paint: Paint = (style, text) =>
    options.color ? styleText(style, text, { validateStream: false }) : text
  const lines = [
    paint('bold', headline(story, width)),
    '',
    ...findings.flatMap((finding) => [...paragraph(finding, story, width, paint), '']),
    ...wrapped(summary(findings), width),
  ]
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function headline({ run, over, conversations, startMs, endMs }: Story, width: number): string {
  const duration = conversations.length === 0 ? [] : [shortDuration(endMs - startMs)]
  const parts = [`run ${run ?? '?'}`, over?.outcome ?? 'under way', ...duration]
  return cut(plain(parts.join(' · ')), width)
}

function paragraph(finding: Finding, story: Story, width: number, paint: Paint): string[] {
  const { code, severity, mast, seen, why, advice, spans, spanCount } = finding
  const { mark, style } = FACES[severity]
  const room = width - INDENT
  const about = mast === undefined ? '' : `  ${mast.mode} ${mast.name}`
  const labelled = (label: string, lines: readonly string[]) =>
    lines.map((line, index) => paint('dim', (index === 0 ? `  ${label}` : '').padEnd(INDENT)) + line)
  const rest = spanCount - spans.length
  return [
    `${paint(style, `${mark} ${code}`)}${paint('dim', cut(about, width - code.length - 2))}`,
    ...wrapped(seen, width - 2).map((line) => `  ${line}`),
    ...labelled('why', wrapped(why, room)),
    ...labelled('do', wrapped(advice, room)),
    ...labelled('spans', [
      ...spans.map((span) => spanLine(span, story, room, paint)),
      ...(rest > 0 ? [paint('dim', `and ${rest} more`)] : []),
    ]),
  ]
}

/** Its id first: it is what one looks for. */
function spanLine({ spanId, name, peer, startMs }: Cited, story: Story, room: number, paint: Paint): string {
  const at = shortDuration(startMs - story.startMs).padStart(TIME_CELLS)
  const label = plain(eventLabel(name))
  const left = room - spanId.length - TIME_CELLS - 4
  const who = left > 2 * PEER_CELLS ? cut(plain(peer), PEER_CELLS).padEnd(PEER_CELLS + 2) : ''
  return `${paint('dim', spanId)}  ${at}  ${who}${cut(label, left - who.length)}`
}

function summary(findings: readonly Finding[]): string {
  if (findings.length === 0)
    return `Nothing found by ${DETECTORS.length} detectors. What only shows in what was said, they cannot see.`
  const counts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
  })
  return counts.join(', ')
}

/** At blanks; a word that is longer than a line is cut in pieces. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (let word of plain(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    for (; word.length > width; word = word.slice(width)) lines.push(word.slice(0, width))
    line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

/** What a span says of itself must not steer the terminal. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '·')

const cut = (text: string, cells: number): string =>
  text.length <= cells ? text : `${text.slice(0, Math.max(0, cells - 1))}…`
