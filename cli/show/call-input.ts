/**
 * The input of a call for people: a line for each field, and texts of several lines as such. One-line texts stand in
 * quotes, so that `"12"` is no number; lines of a text begin with a bar, so that none looks like another field.
 */
import { harmless, oneLine } from './terminal.ts'

const INDENT = '  '

/** @param text JSON; what is none, since it was cut, is shown as it is */
export function inputLines(text: string): string[] {
  try {
    return linesOf(JSON.parse(text))
  } catch {
    return harmless(text).split('\n')
  }
}

function linesOf(value: unknown): string[] {
  const entries = entriesOf(value)
  if (entries === undefined || entries.length === 0) return valueLines('', value)
  return entries.flatMap(([label, one]) => valueLines(label, one))
}

/** Fields with their names, items with a dash. */
function entriesOf(value: unknown): [label: string, value: unknown][] | undefined {
  if (Array.isArray(value)) return value.map((item: unknown) => ['- ', item])
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).map(([name, one]) => [`${nameText(name)}: `, one])
}

const nameText = (name: string): string => (/^[\w.-]+$/.test(name) ? name : oneLine(JSON.stringify(name)))

function valueLines(label: string, value: unknown): string[] {
  if (typeof value === 'string' && value.includes('\n'))
    return [
      label.trimEnd(),
      ...harmless(value)
        .split('\n')
        .map((line) => `${INDENT}│ ${line}`),
    ]
  const entries = entriesOf(value)
  if (entries === undefined || entries.length === 0) return [`${label}${oneLineJson(value)}`]
  const inner = linesOf(value)
  // An item that has fields begins beside its dash.
  if (label === '- ') return inner.map((line, index) => (index === 0 ? `- ${line}` : `${INDENT}${line}`))
  return [label.trimEnd(), ...inner.map((line) => `${INDENT}${line}`)]
}

/** Spaces count here: they are not drawn together. */
const oneLineJson = (value: unknown): string => harmless(JSON.stringify(value)).replace(/\t/g, '·')
