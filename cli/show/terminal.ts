/** A stream that people may look at: its width, and whether it shows colours or can be repainted. */
import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

export type Screen = {
  readonly stream: NodeJS.WriteStream
  /** A terminal that can be repainted. */
  readonly live: boolean
  readonly color: boolean
  width(): number
  height(): number
  paint(style: Style, text: string): string
  line(text: string): void
}

/** For what is piped into a file or another program. */
const PLAIN_WIDTH = 100

/** `NO_COLOR`, `FORCE_COLOR` and `TERM` count, as Node reads them. */
export function screen(stream: NodeJS.WriteStream): Screen {
  const live = stream.isTTY === true && process.env.TERM !== 'dumb'
  const color = live && stream.hasColors()
  return {
    stream,
    live,
    color,
    width: () => stream.columns ?? PLAIN_WIDTH,
    height: () => stream.rows ?? 24,
    paint: (style, text) => (color ? styleText(style, text, { validateStream: false }) : text),
    line: (text) => void stream.write(`${text}\n`),
  }
}

/** What came from outside may have lines, but must not steer the terminal. */
export const harmless = (text: string): string => text.replace(/[^\P{Cc}\n\t]|\p{Cf}/gu, '·')

/** What came from outside must not steer the terminal, nor break a line. */
export const oneLine = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '·')
    .trim()

/** JSON in one line, as harmless: what JSON leaves as it is of what could steer a terminal is escaped. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) =>
    [...Array(found.length).keys()]
      .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )

/** At most this many characters. */
export const cut = (text: string, cells: number): string =>
  text.length <= cells ? text : `${text.slice(0, Math.max(0, cells - 1))}…`

/** Exactly this many. */
export const fit = (text: string, cells: number): string => cut(text, cells).padEnd(cells)
