/**
 * What is searched for. A regular expression is brought to what ripgrep's engine and JavaScript's both take and take
 * alike, so that a search finds the same on every machine: no look-around, no backreferences, one line at a time.
 * What models write out of habit and only one of the two knows is said in another way (`foo {`, `\"`, `(?i)`, `\A`).
 *
 * One difference stays: `\w`, `\d` and `\b` know letters and digits beyond ASCII with ripgrep alone.
 */
import { ToolError } from '../tool.ts'

export type Pattern = {
  /** The text itself, or the expression in the common language. */
  readonly source: string
  readonly isRegex: boolean
  readonly ignoreCase: boolean
}

const LONGEST = 1_000

/** @throws ToolError `tool.pattern` */
export function patternOf(query: string, options: { regex: boolean; ignoreCase: boolean }): Pattern {
  const { regex, ignoreCase } = options
  if (query.length > LONGEST) throw refused(query, `it is longer than ${LONGEST} characters`)
  if (/[\n\r]/.test(query)) {
    throw refused(
      query,
      'it spans lines, and a search looks at one line at a time: search for one of its lines',
    )
  }
  if (!regex) return { source: query, isRegex: false, ignoreCase }
  const flags = /^\(\?([ismux]+)\)/.exec(query)
  if (flags?.[1]?.includes('x')) throw refused(query, 'the flag "x" is not known here')
  const source = common(query, flags?.[0].length ?? 0)
  try {
    new RegExp(source, 'u')
  } catch (cause) {
    const said = (cause as Error).message.replace(/^Invalid regular expression: /, '')
    throw refused(query, `${said}. Put "\\" before what is meant as it stands, or search for it as text`)
  }
  return { source, isRegex: true, ignoreCase: ignoreCase || flags?.[1]?.includes('i') === true }
}

/** As JavaScript's `RegExp` takes it: the expression, and its flags. */
export const regexOf = ({ source, isRegex, ignoreCase }: Pattern): [source: string, flags: string] => [
  isRegex ? source : source.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
  ignoreCase ? 'iu' : 'u',
]

function common(query: string, from: number): string {
  let said = ''
  for (let at = from; at < query.length; ) {
    const rest = query.slice(at)
    const [found, as] = pieceOf(query, rest, said !== '' && !/(?:^|[^\\])[(|]$/.test(said))
    said += as
    at += found.length
  }
  return said
}

/** What the rest begins with, and how it is said in common. */
function pieceOf(query: string, rest: string, canRepeat: boolean): [found: string, as: string] {
  const character = rest[0]!
  if (character === '\\') return escaped(query, rest)
  if (character === '[') return setOf(query, rest)
  const group = /^\(\?(?:<?[=!]|:|P?<(\w+)>)?/.exec(rest)
  if (group !== null) {
    const [opening, name] = group
    if (/[=!]$/.test(opening))
      throw refused(query, `"${opening}" looks around, which is not known here: leave it out`)
    if (opening === '(?') throw refused(query, 'flags may stand at the beginning only: "(?i)"')
    return [opening, name === undefined ? opening : '(?:']
  }
  const times = /^\{\d+(?:,\d*)?\}/.exec(rest)
  if (times !== null && canRepeat) return [times[0], times[0]]
  return [character, /[{}\]]/.test(character) ? `\\${character}` : character]
}

const ANCHORS: Readonly<Record<string, string>> = { A: '^', z: '$', Z: '$', '<': '\\b', '>': '\\b' }

function escaped(query: string, rest: string): [found: string, as: string] {
  const code = /^\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|[ux]\{[0-9a-f]{1,6}\}|[pP]\{[\w=]+\})/i.exec(rest)
  if (code !== null) return [code[0], code[0].replace('\\x{', '\\u{')]
  const character = [...rest][1]
  if (character === undefined)
    throw refused(query, 'it ends in the middle of an escape: write "\\\\" for "\\"')
  const whole = `\\${character}`
  const anchor = ANCHORS[character]
  if (anchor !== undefined) return [whole, anchor]
  if (/[dDwWsSbBtrfvn]/.test(character)) return [whole, whole]
  if (/[1-9k]/.test(character))
    throw refused(query, `"${whole}" refers back, which is not known here: leave it out`)
  if (/[\w]/.test(character)) throw refused(query, `"${whole}" is not known here`)
  return [whole, /[\\^$.*+?()[\]{}|]/.test(character) ? whole : character]
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
}

/** `[…]`. Inside, Rust takes `[`, `&&`, `--` and `~~` for more than JavaScript does. */
function setOf(query: string, whole: string): [found: string, as: string] {
  const opening = /^\[\^?/.exec(whole)![0]
  let said = opening
  for (let at = opening.length; at < whole.length; ) {
    const rest = whole.slice(at)
    const character = rest[0]!
    if (character === ']' && said !== opening) return [whole.slice(0, at + 1), `${said}]`]
    const posix = /^\[:(\w+):\]/.exec(rest)
    const named = posix && POSIX[posix[1]!]
    if (posix && named) {
      said += named
      at += posix[0].length
    } else if (character === '\\') {
      const [found, as] =
        rest[1] === '-' ? ['\\-', '\\-'] : rest[1] === 'b' ? ['\\b', '\\x08'] : escaped(query, rest)
      said += as.length === 1 ? inSet(as) : as
      at += found.length
    } else {
      said += character === '-' && !isRange(said.slice(opening.length), rest) ? '\\-' : inSet(character)
      at += 1
    }
  }
  throw refused(query, '"[" is not closed: put "\\" before it if it is meant as it stands')
}

/** Whether a `-` stands between two characters, and not at an end or beside a class like `\w`. */
const isRange = (before: string, rest: string): boolean =>
  before !== '' && !/(?:\\[dDwWsS]|\\[pP]\{[^}]*\})$/.test(before) && !/^-(?:\]|\\[dDwWsSpP])/.test(rest)

const inSet = (character: string): string =>
  /[&~]/.test(character)
    ? `\\x${character.charCodeAt(0).toString(16)}`
    : /[[\]^]/.test(character)
      ? `\\${character}`
      : character

function refused(query: string, problem: string): ToolError {
  return new ToolError('pattern', `${JSON.stringify(query.slice(0, 200))} cannot be searched for: ${problem}`)
}
