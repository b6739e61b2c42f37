/** A process's log for somebody who sits in front of it: the text, then its fields, dimmed. */
import type { Fields, Log } from '../../src/log.ts'
import type { Screen, Style } from './terminal.ts'

export function screenLog({ line, paint }: Screen): Log {
  const write = (style: Style, text: string, fields: Fields = {}) => {
    const told = Object.entries(fields).filter(([, value]) => value !== undefined)
    const details = told.map(([name, value]) => `${name}=${value}`).join(' ')
    line(`${paint(style, text)}  ${paint('dim', details)}`.trimEnd())
  }
  return {
    info: (text, fields) => write('reset', text, fields),
    warn: (text, fields) => write('yellow', text, fields),
    error: (text, fields) => write('red', text, fields),
  }
}
